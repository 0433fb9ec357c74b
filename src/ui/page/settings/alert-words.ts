// Words about notices of the browser.
import { catalogue } from '../words/words.ts';

const en = {
  best: 'New best strategy',
  bestHint: 'When a validated result takes the first place.',
  join: 'A machine wants to join',
  joinHint: 'It also stands on every page until it is answered.',
  stopped: 'This node stopped',
  stoppedHint: 'When its work ends with an error, or the page loses its node.',
  whileOpen: 'Notices of this browser, while a tab of the page is open in it.',
  denied: 'This browser was told to show no notices of this page. Its settings for the page change that.',
  none: 'This browser shows notices to encrypted pages and to those of its own machine only.',
};

export const alertWords = catalogue(en, {
  best: 'Nueva mejor estrategia',
  bestHint: 'Cuando un resultado validado pasa al primer puesto.',
  join: 'Una máquina quiere entrar',
  joinHint: 'También sale en todas las páginas hasta que se responde.',
  stopped: 'Este nodo se detuvo',
  stoppedHint: 'Cuando su trabajo acaba con un error o la página pierde su nodo.',
  whileOpen: 'Avisos de este navegador, mientras tenga abierta una pestaña de la página.',
  denied: 'Este navegador no muestra avisos de esta página. Se cambia en sus ajustes para ella.',
  none: 'Este navegador solo muestra avisos de páginas cifradas o de su propia máquina.',
});
