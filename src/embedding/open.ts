// Configuration → the embedder it asks for. The providers are loaded on demand: most runs need one of them.
import type { Config } from '../config.js';
import type { Embedder } from './embedder.js';

export async function openEmbedder(config: Config['embedder']): Promise<Embedder> {
  if (config.provider === 'ollama') {
    const { OllamaEmbedder } = await import('./ollama.js');
    return OllamaEmbedder.open(config);
  }
  const { StaticEmbedder } = await import('./static.js');
  return StaticEmbedder.open();
}
