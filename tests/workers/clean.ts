/** Before each file: its runtime is that of the files before it, which saves loading the Worker anew, and is as good as new. */
import { reset } from "cloudflare:test";

await reset();
