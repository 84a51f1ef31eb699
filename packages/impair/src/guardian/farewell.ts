/** What the guardian is sent by a process that ends in good order. */
export const FAREWELL = 'farewell\n';
