// Sizes and counts that every node must hold to. A change here is a change of the wire.

export const ENTRY_BYTES_MAX = 4096;
/** Lists and maps inside each other. Where a decoder's stack ends differs between machines; this does not. */
export const NESTING_MAX = 32;
export const PRESENCE_BYTES_MAX = 2048;
export const HELLO_BYTES_MAX = 4096;
export const JOIN_BYTES_MAX = 4096;
/** One frame of a sync stream; a page holds less (PAGE_BYTES_MAX) so that a slow link stays usable. */
export const SYNC_FRAME_BYTES_MAX = 1 << 20;
export const PAGE_BYTES_MAX = 128 * 1024;
export const PAGE_ENTRIES_MAX = 256;
/** Logs of a frontier in one frame; a longer frontier travels in several. */
export const FRONTIER_LOGS_MAX = 5000;
/** What one author can make everybody keep (L4). At an answer a minute a log lasts for two years. */
export const ENTRIES_PER_LOG_MAX = 1_000_000;
export const LOGS_PER_AUTHOR_MAX = 1000;
/** Logs that one revoke or seal can name: as many as fit into an entry. */
export const PINNED_LOGS_MAX = 60;
export const RULES_VERSION_MAX = 1_000_000;
export const NAME_CHARS_MAX = 40;
export const UNITS_PER_JOB_MAX = 1_000_000;
export const REPLICAS_MAX = 5;
export const CHAMPIONS_MAX = 3;
export const INVITE_USES_MAX = 100;
export const ADDRESSES_MAX = 16;
/** Members whose places a newcomer is told when it is let in, and how many of each. */
export const PLACES_MAX = 16;
export const ADDRESSES_PER_PLACE_MAX = 3;
export const ADDRESS_CHARS_MAX = 200;
/** A blob travels in chunks of this size; the last one may be shorter. */
export const BLOB_CHUNK_BYTES = 256 * 1024;
/** A gigabyte: twenty million candles. */
export const BLOB_CHUNKS_MAX = 4096;
/** One frame of a blob stream: a chunk or a list, and some room. */
export const BLOB_FRAME_BYTES_MAX = BLOB_CHUNK_BYTES + 4096;
/** Members whose generations one search may rest on, besides the one that ends it (V5). */
export const LINEAGE_MAX = 4;
/** The state of a search: a population of the largest size takes a little less. */
export const CHECKPOINT_BYTES_MAX = 16 * 1024 * 1024;
/** Searches of one unit that a node tells others of. */
export const CHECKPOINTS_PER_UNIT_MAX = 8;
