// What tells one machine from another: asked of the system, never made up.
import { existsSync } from 'node:fs';
import t from 'tap';

const UUID = '0F2A9C1E-7B44-5D3A-9E11-2B6C8D7F0A55';
const IOREG = `+-o Root  <class IORegistryEntry>
  +-o J314sAP  <class IOPlatformExpertDevice, id 0x10000023a>
    {
      "IOPlatformSerialNumber" = "XYZ"
      "IOPlatformUUID" = "${UUID}"
    }`;
const REG = `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\r\n    MachineGuid    REG_SZ    ${UUID}\r\n`;

async function idOn(platform: NodeJS.Platform, answer: string | Error): Promise<string> {
  const { machineId } = await t.mockImport<typeof import('../../src/node/machine-id.ts')>(
    '../../src/node/machine-id.ts',
    {
      'node:child_process': {
        execFileSync: () => {
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
    },
  );
  return machineId(platform);
}

t.test('each system is asked in its own way, and the name itself stays on the machine', async (t) => {
  const mac = await idOn('darwin', IOREG);
  t.match(mac, /^[0-9a-f]{64}$/);
  t.equal(await idOn('win32', REG), mac, 'the same name is the same machine');
  t.not(await idOn('darwin', IOREG.replace(UUID, 'other')), mac);
  t.equal(await idOn('darwin', 'nothing of the kind'), '');
  t.equal(await idOn('win32', new Error('no such command')), '', 'a system that says nothing');
});

t.test('on Linux', async (t) => {
  const id = await idOn('linux', new Error('not asked'));
  t.match(id, existsSync('/etc/machine-id') ? /^([0-9a-f]{64})?$/ : /^$/);
});
