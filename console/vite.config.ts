import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../api/static",
    emptyOutDir: true,
    // One chunk of Ant Design is larger than Vite's default limit and is loaded once from this machine.
    chunkSizeWarningLimit: 2000,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8800", "/evidence": "http://127.0.0.1:8800" } },
  test: { environment: "jsdom", setupFiles: ["src/testing.ts"] },
});
