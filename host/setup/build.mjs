// `npm run build`: everything, the compiled package as well; with --packages npm's packages only.
import { buildAll, buildPackage, install } from "./steps.mjs";

install();
if (!process.argv.includes("--packages")) {
  buildAll();
  buildPackage();
}
