import { useEffect } from 'react';

const EVERY_MS = 100;

function pressable(label: string): HTMLElement | undefined {
  const buttons = [...document.querySelectorAll<HTMLElement>('button')];
  return buttons.find((button) => (button.ariaLabel ?? button.textContent.trim()) === label);
}

/** Presses the buttons with these labels, one after another, as soon as each is there. */
export function usePresses(labels: readonly string[] | undefined): void {
  useEffect(() => {
    const left = [...(labels ?? [])];
    const timer = setInterval(() => {
      const button = left[0] === undefined ? undefined : pressable(left[0]);
      if (button === undefined) return;
      left.shift();
      button.click();
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [labels]);
}
