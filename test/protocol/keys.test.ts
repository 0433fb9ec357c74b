// Keys: RFC 8032, libp2p's peer ids, and one domain for each use.
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import t from 'tap';
import { fromHex, toHex } from '../../src/protocol/bytes.ts';
import { createSigner, type Domain, peerIdText, verifySignature } from '../../src/protocol/keys.ts';

// RFC 8032 §7.1: secret key and public key of tests 1 to 3.
const RFC_8032 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  ],
] as const;
const DOMAINS: Domain[] = ['entry', 'presence', 'invite', 'join'];
const message = fromHex('616263');

t.test('seeds give the public keys of RFC 8032', async (t) => {
  for (const [seed, publicKey] of RFC_8032) t.equal(toHex(createSigner(fromHex(seed)).publicKey), publicKey);
  t.throws(() => createSigner(new Uint8Array(31)), RangeError);
});

t.test('a signature is for one key, one use, one message', async (t) => {
  const [one, two] = RFC_8032.map(([seed]) => createSigner(fromHex(seed)));
  for (const domain of DOMAINS) {
    const signature = one!.sign(domain, message);
    for (const other of DOMAINS) t.equal(verifySignature(one!.publicKey, other, message, signature), other === domain);
    t.notOk(verifySignature(two!.publicKey, domain, message, signature), 'another key');
    t.notOk(verifySignature(one!.publicKey, domain, fromHex('616264'), signature), 'another message');
    t.notOk(verifySignature(one!.publicKey, domain, fromHex('61'), signature), 'a shorter message');
  }
});

t.test('keys and signatures of any form are refused, never thrown at', async (t) => {
  const signature = createSigner(fromHex(RFC_8032[0][0])).sign('entry', message);
  for (const key of [
    new Uint8Array(0),
    new Uint8Array(31),
    new Uint8Array(33),
    new Uint8Array(32),
    new Uint8Array(32).fill(255),
  ]) {
    t.notOk(verifySignature(key, 'entry', message, signature), `a key of ${key.length} bytes, ${key[0]}`);
  }
  const { publicKey } = createSigner(fromHex(RFC_8032[0][0]));
  for (const length of [0, 63, 65]) t.notOk(verifySignature(publicKey, 'entry', message, new Uint8Array(length)));
  t.notOk(verifySignature(publicKey, 'entry', message, new Uint8Array(64)));
});

t.test('many keys in turn still verify', async (t) => {
  const signers = Array.from({ length: 1100 }, (_, i) =>
    createSigner(Uint8Array.from({ length: 32 }, (_, j) => (j < 2 ? (i >> (8 * j)) & 255 : 1))),
  );
  const signatures = signers.map((signer) => signer.sign('entry', message));
  for (const round of [1, 2]) {
    t.ok(
      signers.every(({ publicKey }, i) => verifySignature(publicKey, 'entry', message, signatures[i]!)),
      `round ${round}`,
    );
    t.notOk(
      signers.some(({ publicKey }, i) =>
        verifySignature(publicKey, 'entry', message, signatures[(i + 1) % signers.length]!),
      ),
    );
  }
});

t.test('peer ids are those of libp2p', async (t) => {
  for (const [, publicKey] of RFC_8032) {
    const expected = peerIdFromPublicKey(publicKeyFromRaw(fromHex(publicKey))).toString();
    t.equal(peerIdText(fromHex(publicKey)), expected);
    t.match(expected, /^12D3KooW/);
  }
});
