// The part of the API about how this node is started: what config.json of the data directory says. It counts from the next
// start on; a flag or a variable wins over it.

export interface Settings {
  /** Of this machine, as others see it. */
  name: string;
  /** 0: a free one at each start. */
  uiPort: number;
  meshPort: number;
  lobbyPort: number;
  /** Where the page listens: loopback, one address of this machine, or all of them (`0.0.0.0`, `::`). */
  host: string;
  /** Names that the page answers to besides its addresses. */
  hostNames: string[];
  /** Members are looked for on the local network. */
  mdns: boolean;
  /** Room for candles that are fetched from members, MB. */
  dataQuota: number;
}

/** Null takes a value out of config.json: the usual one counts then. */
export type SettingsChange = { [K in keyof Settings]?: Settings[K] | null | undefined };

export interface SettingView<T> {
  /** As this node was started. */
  now: T;
  /** As config.json says; null where it says nothing. */
  saved: T | null;
  /** Where nobody says anything. A usual port that is taken moves on to the next free one. */
  usual: T;
  /** The flag or variable that wins over config.json; null where there is none. */
  heldBy: string | null;
}

export interface SettingsView {
  settings: { [K in keyof Settings]: SettingView<Settings[K]> };
  /** Some of them are others at the next start. */
  restart: boolean;
  /** Addresses of this machine that the page can listen on, loopback left out. */
  addresses: string[];
  /** Where they are kept. */
  file: string;
}

export interface SettingsPort {
  settings(): SettingsView;
  /**
   * All or none. Throws RequestError `bad_value` naming the setting, `token_missing` (other machines were to be let in
   * without a token), `mesh_port_in_use`.
   */
  setSettings(changes: SettingsChange): Promise<SettingsView>;
}
