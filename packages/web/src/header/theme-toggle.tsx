import { ActionIcon, Tooltip, useMantineColorScheme } from '@mantine/core';
import { Moon, Sun, SunMoon } from 'lucide-react';
import type { ReactNode } from 'react';

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const ICONS = { auto: SunMoon, light: Sun, dark: Moon } as const;

export function ThemeToggle(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = ICONS[colorScheme];
  const label = `Colours: ${colorScheme}`;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size={36}
        aria-label={`${label}, change to ${NEXT[colorScheme]}`}
        onClick={() => setColorScheme(NEXT[colorScheme])}
      >
        <Icon size={17} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
