// Words about the recovery phrase.
import { catalogue } from '../words/words.ts';

const en = {
  title: 'Recovery phrase',
  hint: '24 words that stand above every member: for when the machines of the admins are lost or stolen.',
  here: 'Its key is on this machine, and nowhere else.',
  gone: 'Not on this machine: it was written down before, or the mesh was founded elsewhere.',
  other: 'The key on this machine is that of the mesh it founded before, not of this one.',
  show: 'Show it',
  askText: 'Have paper at hand, and nobody behind you. The words are shown here, and you type two of them back.',
  askAfter: 'Then the key is taken off this machine: from there on they are on your paper only.',
  showWords: 'Show the words',
  words: 'The 24 words, in this order',
  owner: 'Whoever has them removes and lets in whom they like. No picture, no file, no e-mail.',
  written: 'They are on paper',
  check: 'To be sure, two of them back:',
  word: (n: string) => `Word ${n}`,
  wrongWord: 'Not the word that was shown. Look at the paper.',
  back: 'See them again',
  forget: 'Take the key off this machine',
  done: 'The words are on your paper only. Keep it apart from the machines.',
};

export const recoveryWords = catalogue(en, {
  title: 'Frase de recuperación',
  hint: '24 palabras por encima de todo miembro: para cuando se pierden o roban las máquinas de los administradores.',
  here: 'Su clave está en esta máquina y en ninguna otra.',
  gone: 'No está en esta máquina: ya se apuntó, o la malla se fundó en otra.',
  other: 'La clave de esta máquina es de la malla que fundó antes, no de esta.',
  show: 'Mostrarla',
  askText: 'Papel a mano y nadie detrás. Aquí salen las palabras, y hay que escribir dos de ellas.',
  askAfter: 'Entonces la clave se quita de esta máquina: desde ahí solo quedan en el papel.',
  showWords: 'Mostrar las palabras',
  words: 'Las 24 palabras, en este orden',
  owner: 'Quien las tiene quita y deja entrar a quien quiera. Ni foto, ni archivo, ni correo.',
  written: 'Están en el papel',
  check: 'Para estar seguros, dos de ellas:',
  word: (n) => `Palabra ${n}`,
  wrongWord: 'No es la palabra mostrada. Mirar el papel.',
  back: 'Verlas otra vez',
  forget: 'Quitar la clave de esta máquina',
  done: 'Las palabras están solo en el papel. Mejor lejos de las máquinas.',
});
