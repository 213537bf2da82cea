// The telephone's own store for answers that the service has not got yet: IndexedDB.
import type { Queued, Shelf } from "./queue";

const NAME = "patrol-inbox";
const STORE = "answers";

function opened(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error ?? new Error("the telephone's store cannot be opened"));
  });
}

async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  try {
    return await new Promise<T>((done, fail) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const asked = work(transaction.objectStore(STORE));
      // Only a completed transaction is on the disk.
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = () => fail(transaction.error ?? new Error("the telephone's store is full"));
    });
  } finally {
    database.close();
  }
}

export const shelf: Shelf = {
  all: () => within<Queued[]>("readonly", (store) => store.getAll()),
  put: async (answer) => {
    await within("readwrite", (store) => store.put(answer));
  },
  remove: async (key) => {
    await within("readwrite", (store) => store.delete(key));
  },
};
