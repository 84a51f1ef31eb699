export { type ConfigFile, configFilesOf } from './config/files.ts';
export { loadConfig } from './config/load.ts';
export {
  type CommandLine,
  enterRootless,
  execute,
  executeEntered,
  executeInNode,
  executeInNodeOfUser,
  executeInUserNamespace,
  isRootless,
  ProgramNotStarted,
  rootlessNamespace,
} from './exec.ts';
export { type Host, type HostOptions, openHost } from './host/host.ts';
export { drawSvg, type LabPlan, readLab } from './labs/read.ts';
export { becomeLabRoot } from './labs/user-root.ts';
export { type DaemonOptions, type Listening, runDaemon } from './run-daemon.ts';
