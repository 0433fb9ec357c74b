// Two words for a hash: easier to say and to tell apart than digits. 64 × 64 names, so different strategies may share one.

const FIRST =
  'amber ashen azure bold brisk bright bronze calm cedar clear cobalt copper coral crisp dapper deep dusky early ember fair fleet frosty gentle golden grand hazel honest humble indigo ivory jade keen lively lucid lunar mellow misty mossy noble ochre olive opal pale patient plain polar proud quiet rapid russet sable scarlet silent silver sober solar stark steady sunny tidal umber velvet violet vivid'.split(
    ' ',
  );
const SECOND =
  'badger bison caiman condor coyote crane curlew dingo dolphin eagle egret falcon ferret finch fox gannet gecko gibbon heron hornet ibex ibis jackal jaguar kestrel kite koala lark lemur linnet lynx magpie marlin marten mink mole moth newt ocelot orca oriole osprey otter owl panther petrel pika plover puffin quail quetzal raven robin seal shrike stoat swift tapir tern toucan viper wolf wren yak'.split(
    ' ',
  );

export function codeName(hash: string): string {
  const first = FIRST[Number.parseInt(hash.slice(0, 2), 16) % FIRST.length];
  const second = SECOND[Number.parseInt(hash.slice(2, 4), 16) % SECOND.length];
  return `${first}-${second}`;
}
