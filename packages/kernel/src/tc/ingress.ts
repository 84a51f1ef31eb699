import { handle, TC_H_INGRESS } from './tcmsg.ts';

/** A place for filters on received packets. It and {@link Clsact} exclude each other. */
export interface Ingress {
  readonly kind: 'ingress';
}

/** A place for filters on received packets and on packets to send, before the root qdisc. */
export interface Clsact {
  readonly kind: 'clsact';
}

/** Where ingress and clsact are: their parent and the only handle they can have. */
export const ingressPlace: { readonly parent: number; readonly handle: number } = {
  parent: TC_H_INGRESS,
  handle: handle(0xffff),
};
