// Configuration → the embedder it asks for. The providers are loaded on demand: most runs need one of them.
import type { Config } from '../config.js';
import type { Embedder } from './embedder.js';

export async function openEmbedder(config: Config['embedder']): Promise<Embedder> {
  if (config.provider === 'ollama') {
    const { OllamaEmbedder } = await import('./ollama.js');
    return OllamaEmbedder.open(config);
  }
  if (config.provider === 'model2vec') {
    const { Model2VecEmbedder } = await import('./model2vec.js');
    return Model2VecEmbedder.open(config.directory);
  }
  const { StaticEmbedder } = await import('./static.js');
  return StaticEmbedder.open();
}
