import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider, createBrowserRouter } from "react-router-dom";
import "./i18n";
import { Look } from "./shell/Look";
import { routes } from "./shell/routes";
import "./style.css";
import { startWorker } from "./worker";

const queries = new QueryClient({ defaultOptions: { queries: { refetchInterval: 10_000, retry: 1 } } });
const router = createBrowserRouter(routes);
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <Look>
          <RouterProvider router={router} />
        </Look>
      </QueryClientProvider>
    </StrictMode>,
  );
}
if (import.meta.env.PROD) void startWorker();
