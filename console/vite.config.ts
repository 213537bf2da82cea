import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../api/static",
    emptyOutDir: true,
    // Which chunk needs which: scripts/size.mjs reads it.
    manifest: true,
    // What is loaded at first is held small by scripts/size.mjs; a page's own chunk may be larger than Vite's default limit.
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8800", "/evidence": "http://127.0.0.1:8800" } },
  test: { environment: "jsdom", setupFiles: ["src/testing.ts"], testTimeout: 20_000 },
});
