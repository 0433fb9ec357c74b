// What is worth saying aloud: a change of mode, a new best, the line lost and found. Numbers that tick are not.
import { gain } from './format.ts';
import { onChange } from './on-change.ts';
import { modeWord } from './parts.tsx';
import { bestValidated, line, pairing, status } from './store.ts';
import { say } from './toasts.ts';
import { words } from './words/words.ts';

export function startVoice(): void {
  onChange(
    () => status.value?.mode,
    (mode) => say(words.value.saidMode(modeWord(mode))),
  );
  onChange(
    () => bestValidated.value?.id,
    () => {
      const best = bestValidated.value;
      if (best !== undefined) say(words.value.saidBest(best.codeName, gain(best.outOfSample.return)));
    },
  );
  onChange(
    () => pairing.value?.pending.filter(({ canAdmit }) => canAdmit).at(-1)?.name ?? '',
    (name) => {
      if (name !== '') say(words.value.saidWantsIn(name));
    },
  );
  onChange(
    () => (line.value.state === 'connecting' ? undefined : line.value.state),
    (state) => say(state === 'lost' ? words.value.saidLost : words.value.saidBack),
  );
}
