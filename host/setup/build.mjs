// `npm run build`: everything; with --package the compiled package as well.
import { buildAll, buildPackage, install } from "./steps.mjs";

install();
buildAll();
buildPackage();
