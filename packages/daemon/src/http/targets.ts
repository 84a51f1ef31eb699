import { type InterfaceRef, isNetweirError, NetweirError, parseTarget } from '@netweir/api';
import * as z from 'zod';

/** `{space}` and `{name}` of an address: one interface, by its exact name. */
export const InterfaceParams: z.ZodType<{ space: string; name: string }> = z
  .strictObject({
    space: z.string().meta({
      description: '`host`, or a kind and a name, percent-encoded.',
      examples: ['host', 'netns:client', 'docker:web', 'pod:shop/cart-0'],
    }),
    name: z.string().meta({ description: "The interface's name.", examples: ['eth0'] }),
  })
  .superRefine(({ space, name }, context) => {
    try {
      exactRef(space, name);
    } catch (error) {
      if (!isNetweirError(error)) throw error;
      context.addIssue({ code: 'custom', message: error.message, params: { origin: error } });
    }
  });

/**
 * The interface of that name in that space, which need not exist.
 *
 * @throws NetweirError `invalid-target` if either cannot be a name, or is a glob
 */
export function exactRef(space: string, name: string): InterfaceRef {
  const target = parseTarget(`${space}/${name}`);
  // `pod:shop` and `cart-0` are a pod without an interface, once they are written together.
  if (target.interface !== name) parseTarget(space);
  if (/[*?]/u.test(space + name)) {
    throw new NetweirError('invalid-target', `"${space}/${name}" is a pattern`, {
      remedy: 'Name one interface; `GET /api/v1/inventory` lists them.',
    });
  }
  return { space: target.space, interface: name };
}
