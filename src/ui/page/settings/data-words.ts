// Words about the candles that this machine holds: who else has them, and how they go.
import { catalogue } from '../words/words.ts';

const en = {
  actions: 'Actions',
  whoHasOf: (name: string) => `Who has ${name}`,
  closeOf: (name: string) => `Close: who has ${name}`,
  holdersOf: (name: string) => `Members that have ${name}`,
  holders: (have: string, of: string) => `${have} of ${of} connected members have it`,
  askedAt: (time: string) => `asked at ${time}`,
  askAgain: 'Ask again',
  has: 'has it',
  hasNot: 'has it not',
  silent: 'no answer',
  nobody: 'No other member is connected, so nobody can be asked.',
  removeOf: (name: string) => `Remove ${name} from this machine`,
  remove: 'Remove',
  removeTitle: 'Remove these candles?',
  removeText: (name: string, bars: string, size: string) => `${name}: ${bars} candles, ${size}.`,
  removeGone: 'They are deleted on this machine only, and come back when a job needs them and a member has them.',
  removeLast: 'Where nobody else has them, only your own file brings them back.',
  removeResults: (n: number, jobs: string) =>
    `${jobs} ${n === 1 ? 'job was' : 'jobs were'} worked out on them: what was found there is not shown on this machine any more.`,
  neededBy: (job: string) => `${job} needs them and is not done`,
  removed: (name: string) => `${name} is removed`,
};

export const dataWords = catalogue(en, {
  actions: 'Acciones',
  whoHasOf: (name) => `Quién tiene ${name}`,
  closeOf: (name) => `Cerrar: quién tiene ${name}`,
  holdersOf: (name) => `Miembros que tienen ${name}`,
  holders: (have, of) => `La tienen ${have} de ${of} miembros conectados`,
  askedAt: (time) => `preguntado a las ${time}`,
  askAgain: 'Preguntar otra vez',
  has: 'la tiene',
  hasNot: 'no la tiene',
  silent: 'sin respuesta',
  nobody: 'No hay otro miembro conectado: no se puede preguntar a nadie.',
  removeOf: (name) => `Quitar ${name} de esta máquina`,
  remove: 'Quitar',
  removeTitle: '¿Quitar estas velas?',
  removeText: (name, bars, size) => `${name}: ${bars} velas, ${size}.`,
  removeGone: 'Se borran solo en esta máquina, y vuelven cuando una búsqueda las necesita y un miembro las tiene.',
  removeLast: 'Si nadie más las tiene, solo las devuelve el archivo propio.',
  removeResults: (n, jobs) =>
    `${n === 1 ? 'Se hizo' : 'Se hicieron'} ${jobs} ${n === 1 ? 'búsqueda' : 'búsquedas'} con ellas: lo hallado ya no se muestra en esta máquina.`,
  neededBy: (job) => `${job} las necesita y no ha acabado`,
  removed: (name) => `${name}: quitada`,
});
