// Loaded before a node (--import): writes what its streams have carried, by protocol, to the file in STRATMESH_TRAFFIC.
//
// agreement on a protocol, before yamux frames and encryption; what carries the streams stands under the name of its class.
import { renameSync, writeFileSync } from 'node:fs';
import { AbstractMessageStream } from '@libp2p/utils';

const file = process.env.STRATMESH_TRAFFIC;
const counts = new Map();

function countOf(stream) {
  const known = counts.get(stream);
  if (known !== undefined) return known;
  const count = { sent: 0, received: 0 };
  counts.set(stream, count);
  return count;
}

const { send, onData } = AbstractMessageStream.prototype;
AbstractMessageStream.prototype.send = function (data) {
  const count = countOf(this);
  count.sent += data.byteLength;
  return send.call(this, data);
};
AbstractMessageStream.prototype.onData = function (data) {
  countOf(this).received += data.byteLength;
  return onData.call(this, data);
};

function write() {
  const byProtocol = {};
  for (const [stream, { sent, received }] of counts) {
    const protocol = stream.protocol ?? stream.constructor.name;
    const sum = byProtocol[protocol] ?? { sent: 0, received: 0 };
    byProtocol[protocol] = {
      sent: sum.sent + sent,
      received: sum.received + received,
    };
  }
  writeFileSync(`${file}.tmp`, JSON.stringify(byProtocol));
  renameSync(`${file}.tmp`, file);
}

setInterval(write, 500).unref();
