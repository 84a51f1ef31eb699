import { createTheme, type MantineColorsTuple } from '@mantine/core';

const weir: MantineColorsTuple = [
  '#e8f7f5',
  '#d0edea',
  '#a3dbd5',
  '#72c8bf',
  '#49b5ab',
  '#2aa398',
  '#178f85',
  '#0e7b73',
  '#0b6b66',
  '#08504d',
];

const dark: MantineColorsTuple = [
  '#dde7ea',
  '#b8c7cc',
  '#93a5ac',
  '#6b7f87',
  '#3d4f57',
  '#2a3a41',
  '#1d2a30',
  '#141f24',
  '#0f181c',
  '#0a1114',
];

const fontFamily =
  'Inter, "SF Pro Text", "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif';

/** Shade 8 carries white text in both schemes with the contrast that WCAG asks for. */
export const theme = createTheme({
  primaryColor: 'weir',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  colors: { weir, dark },
  fontFamily,
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Code", Menlo, "Liberation Mono", monospace',
  headings: { fontFamily, fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
