// Types of services.mjs for the tests in TypeScript.
export declare const KAFKA_VERSION: string;
export declare const cache: string;
export declare const kafkaJars: string;
export declare const armNode: string[];
export declare function ensureServices(): void;
