// What is noted on an object for as long as it lives. A WeakMap would say the same, but its keys keep the garbage collector
// busy where there are many of them that live long: of taking in entries it was a third of the processor time.

/** Its constructor gives back what it is given, so that a class on top of it puts its private field on that. */
class OnObject {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: it is what this class is for
    return object;
  }
}

export interface Notes<K extends object, V> {
  /** Undefined where nothing was noted. */
  get(key: K): V | undefined;
  set(key: K, value: V): void;
}

/** The notes of one kind, seen by nobody else: the objects look as before. */
export function notesOn<K extends object, V>(): Notes<K, V> {
  class Note extends OnObject {
    #value: V | undefined;

    static get(key: object): V | undefined {
      return #value in key ? key.#value : undefined;
    }

    static set(key: object, value: V): void {
      const note = #value in key ? key : new Note(key);
      note.#value = value;
    }
  }
  return Note;
}
