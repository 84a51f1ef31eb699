/** How an error shows outside: as an HTTP status and as the command's exit code (DESIGN, "Command"). */
export interface ErrorKind {
  readonly title: string;
  readonly status: number;
  readonly exitCode: 1 | 2 | 3 | 4;
}

/** Every error code of netweir. A retired code is not used again. */
export const ERRORS = {
  'invalid-quantity': { title: 'A number or its unit is wrong', status: 400, exitCode: 2 },
  'invalid-request': {
    title: 'The request is not what the schema asks for',
    status: 400,
    exitCode: 2,
  },
  'invalid-combination': { title: 'The settings contradict each other', status: 400, exitCode: 2 },
  'invalid-target': {
    title: 'The target is not of the form [SPACE/]INTERFACE',
    status: 400,
    exitCode: 2,
  },
  'ambiguous-target': { title: 'More than one interface matches', status: 409, exitCode: 2 },
  unauthorized: { title: 'The token is missing or wrong', status: 401, exitCode: 3 },
  'forbidden-host': {
    title: 'The Host or Origin header names another site',
    status: 403,
    exitCode: 3,
  },
  'not-permitted': { title: 'The process lacks a capability', status: 403, exitCode: 3 },
  'no-such-route': { title: 'There is no such address in the API', status: 404, exitCode: 1 },
  'no-such-space': { title: 'There is no such namespace', status: 404, exitCode: 1 },
  'no-such-interface': { title: 'There is no such interface', status: 404, exitCode: 1 },
  'no-such-probe': { title: 'There is no such probe', status: 404, exitCode: 1 },
  'no-such-rule': { title: 'There is no such rule', status: 404, exitCode: 1 },
  'rule-of-config': {
    title: 'The rule is one of the configuration file',
    status: 409,
    exitCode: 1,
  },
  'no-such-lab': { title: 'There is no such lab', status: 404, exitCode: 1 },
  'no-such-node': { title: 'There is no such node in the lab', status: 404, exitCode: 1 },
  'lab-exists': { title: 'Another lab has this name', status: 409, exitCode: 1 },
  'lab-refused': { title: 'The lab cannot do that', status: 409, exitCode: 1 },
  unreachable: { title: 'No way leads from the one to the other', status: 409, exitCode: 1 },
  'too-many-measurements': {
    title: 'Others are measuring already',
    status: 429,
    exitCode: 1,
  },
  'space-vanished': { title: 'The namespace went away meanwhile', status: 410, exitCode: 1 },
  'original-not-restorable': {
    title: 'What is there now could not be put back',
    status: 409,
    exitCode: 1,
  },
  'changed-elsewhere': {
    title: 'Somebody else changed the interface meanwhile',
    status: 409,
    exitCode: 1,
  },
  'kernel-lacks-netem': { title: 'This kernel has no sch_netem', status: 501, exitCode: 4 },
  'kernel-lacks-feature': {
    title: 'This kernel lacks what is asked for',
    status: 501,
    exitCode: 4,
  },
  'engine-failed': { title: 'The userspace engine failed', status: 500, exitCode: 1 },
  'kernel-refused': { title: 'The kernel refused the change', status: 502, exitCode: 1 },
  'read-back-differs': {
    title: 'The kernel took other values than those sent',
    status: 502,
    exitCode: 1,
  },
  'journal-failed': { title: 'The journal cannot be written or read', status: 500, exitCode: 1 },
  'invalid-config': { title: 'The configuration file is wrong', status: 400, exitCode: 2 },
  'daemon-running': { title: 'A daemon is running already', status: 409, exitCode: 1 },
  'daemon-unreachable': { title: 'The daemon does not answer', status: 503, exitCode: 1 },
  'address-in-use': { title: 'The address is taken', status: 409, exitCode: 1 },
  'request-too-large': { title: 'The request is too large', status: 413, exitCode: 1 },
  internal: { title: 'A fault in netweir', status: 500, exitCode: 1 },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;
