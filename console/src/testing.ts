// What jsdom lacks and the console asks for.
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A page is loaded when it is opened, which takes a test more than the second that is usual.
configure({ asyncUtilTimeout: 10_000, getElementError: (sentence) => new Error(sentence ?? "not found") });

afterEach(cleanup);

Object.defineProperty(window, "matchMedia", {
  value: (query: string) => ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
  }),
});

class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
Object.assign(globalThis, { ResizeObserver: Observer });

HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
  this.open = false;
};
