// Reads one event stream by hand: unlike EventSource it sees heartbeats and status codes, and the page decides itself
// when to try again.

export type StreamMessage = { kind: 'patch' | 'event' | 'resync'; data: unknown } | { kind: 'alive' };

/** The messages of one block of the stream, up to its blank line. */
function parseBlock(block: string): StreamMessage {
  let kind = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) kind = line.slice('event: '.length);
    else if (line.startsWith('data: ')) data.push(line.slice('data: '.length));
  }
  if (kind === 'patch' || kind === 'event' || kind === 'resync') return { kind, data: JSON.parse(data.join('\n')) };
  return { kind: 'alive' };
}

/** Follows the stream until it ends; throws when it breaks or is refused. */
export async function followStream(
  since: number,
  signal: AbortSignal,
  receive: (message: StreamMessage) => void,
): Promise<void> {
  const response = await fetch(`/api/v1/events?since=${since}`, { signal, headers: { accept: 'text/event-stream' } });
  if (!response.ok || response.body === null) throw new Error(`the stream was refused with ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error('the stream ended');
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) receive(parseBlock(block));
  }
}
