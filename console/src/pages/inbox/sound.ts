// The sound of a new alert, made here: no file, no network. Browsers let a page sound only after it was touched once.

let context: AudioContext | null = null;

function wake(): void {
  context ??= new AudioContext();
  void context.resume();
}

/** From the first touch on the page may sound. Returns what ends the waiting for it. */
export function allowSound(): () => void {
  if (typeof AudioContext === "undefined") return () => undefined;
  const kinds = ["pointerdown", "keydown"] as const;
  for (const kind of kinds) window.addEventListener(kind, wake, { once: true });
  return () => {
    for (const kind of kinds) window.removeEventListener(kind, wake);
  };
}

/** Whether the page may sound by now. */
export function maySound(): boolean {
  return context?.state === "running";
}

/** Two rising tones, twice, 1.4 s; and the telephone shakes where it can. */
export function sound(): void {
  // Before the first touch a browser refuses to shake, and writes an error for having been asked.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([300, 120, 300, 120, 600]);
  if (context === null || context.state !== "running") return;
  const begin = context.currentTime;
  for (const [at, pitch] of [[0, 740], [0.22, 988], [0.7, 740], [0.92, 988]] as const) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, begin + at);
    volume.gain.linearRampToValueAtTime(0.35, begin + at + 0.02);
    volume.gain.linearRampToValueAtTime(0, begin + at + 0.2);
    tone.connect(volume).connect(context.destination);
    tone.start(begin + at);
    tone.stop(begin + at + 0.21);
  }
}

export function isMuted(): boolean {
  return localStorage.getItem("inbox-muted") === "yes";
}

export function mute(muted: boolean): void {
  localStorage.setItem("inbox-muted", muted ? "yes" : "no");
}
