// Words of the first page.
import { catalogue } from '../words/words.ts';

const en = {
  slogan: 'Many computers, one search. No server in the middle.',
  startTitle: 'Start a mesh',
  startText: (mesh: string) => `This computer is the first member of “${mesh}”. Others can be invited at any time.`,
  start: 'Start',
  joinTitle: 'Join a mesh',
  joinText: 'Paste the ticket that a member made, or drop a picture of its QR code here.',
  picture: 'Picture of the code',
  noCode: 'No QR code was found in this picture.',
  waitingTitle: 'Not in a mesh yet',
  waitingText: 'It goes on trying by itself. Another ticket takes the place of this one.',
  lend: 'Threads to lend',
  computer: 'This computer',
  lanTitle: 'On this network',
  lanOpen: (left: string) => `Looking for machines of this network, for ${left} more. Who is found stands above.`,
  lanLook: 'Look for a mesh here',
  promise: 'No account. Keys stay on this computer.',
};

export const welcomeWords = catalogue(en, {
  slogan: 'Muchos ordenadores, una búsqueda. Sin servidor en medio.',
  startTitle: 'Empezar una malla',
  startText: (mesh) => `Este ordenador es el primer miembro de «${mesh}». Se puede invitar a otros cuando sea.`,
  start: 'Empezar',
  joinTitle: 'Unirse a una malla',
  joinText: 'Pegar el código que creó un miembro, o soltar aquí una imagen de su código QR.',
  picture: 'Imagen del código',
  noCode: 'En esta imagen no se ha hallado un código QR.',
  waitingTitle: 'Todavía en ninguna malla',
  waitingText: 'Lo sigue intentando por sí mismo. Otro código ocupa el lugar de este.',
  lend: 'Hilos que presta',
  computer: 'Este ordenador',
  lanTitle: 'En esta red',
  lanOpen: (left) => `Busca máquinas de esta red, durante ${left} más. Las que encuentra están arriba.`,
  lanLook: 'Buscar una malla aquí',
  promise: 'Sin cuenta. Las claves se quedan en este ordenador.',
});
