/** Why a node does not start. `code` is stable; `field` names the setting to mend. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code:
    | 'bad_bootstrap'
    | 'bad_config'
    | 'bad_ticket'
    | 'already_running'
    | 'already_member'
    | 'mesh_port_in_use'
    | 'listen_failed'
    | 'data_dir_unusable';
  readonly field: string | undefined;
  constructor(code: StartError['code'], message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
