// What vitest runs in each test file before its tests.
import { afterAll } from "vitest";
import { endChildren } from "../services/children.ts";

// Hooks of a setup file come last, behind what the tests themselves tidy up.
afterAll(endChildren);
