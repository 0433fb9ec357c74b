// A slow and lossy line between hosts, as a proxy: what comes in goes out later, in its order; what is lost holds up all that is
// behind it until it is sent again; now and then a connection breaks. argv: a JSON list of [port here, host, port there]. Each
// line on stdin is the weather from then on, in JSON.
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** ms; `lost`: share of what is sent. */
let weather = { delay: 0, jitter: 0, lost: 0, resend: 0, breaks: 0 };
createInterface({ input: process.stdin }).on('line', (text) => {
  weather = JSON.parse(text);
});

function carry(from, to) {
  let last = Promise.resolve();
  const later = (send) => {
    const { delay, jitter, lost, resend } = weather;
    const at = performance.now() + delay + jitter * Math.random() + (Math.random() < lost ? resend : 0);
    last = last
      .then(() => new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now()))))
      .then(() => to.destroyed || send());
  };
  from.on('data', (bytes) => later(() => to.write(bytes)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => undefined);
  from.on('close', () => later(() => to.destroy()));
}

function serve(socket, host, port) {
  const other = connect(port, host);
  carry(socket, other);
  carry(other, socket);
  const watch = setInterval(() => {
    if (weather.breaks > 0 && Math.random() < 1000 / weather.breaks) socket.destroy();
  }, 1000);
  socket.on('close', () => clearInterval(watch));
}

for (const [here, host, port] of JSON.parse(process.argv[2])) {
  createServer((socket) => serve(socket, host, port)).listen(here, '0.0.0.0');
}
