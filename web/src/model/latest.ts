// Keeps up with edits that come faster than answers: one request is in flight, and of those that came meanwhile only
// the newest is made next.
export function latest<Request>(work: (request: Request) => Promise<void>): (request: Request) => void {
  let busy = false;
  let next: { request: Request } | undefined;
  const run = async (first: Request) => {
    busy = true;
    let request = first;
    for (;;) {
      try {
        await work(request);
      } catch {
        // Whoever works tells of failures itself; the newest request is made all the same.
      }
      if (!next) break;
      request = next.request;
      next = undefined;
    }
    busy = false;
  };
  return (request) => {
    if (busy) next = { request };
    else void run(request);
  };
}
