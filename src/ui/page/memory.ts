// What this browser remembers about its reader. Works, forgetfully, where storage is switched off.

export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(`stratmesh.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`stratmesh.${key}`);
    else localStorage.setItem(`stratmesh.${key}`, value);
  } catch {
    // Storage is full or forbidden: the choice holds for this visit.
  }
}
