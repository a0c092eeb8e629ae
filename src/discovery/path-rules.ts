// What a path alone says about a file: secrets, lock files, media, generated names, dependency directories.
import type { SkipReason } from './skip.js';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const LOCK_FILES = words(`
  package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lockb bun.lock deno.lock Cargo.lock Gemfile.lock
  poetry.lock Pipfile.lock uv.lock pdm.lock pixi.lock conda-lock.yml composer.lock go.sum go.work.sum mix.lock rebar.lock
  flake.lock pubspec.lock Podfile.lock Cartfile.resolved Package.resolved packages.lock.json paket.lock gradle.lockfile
  stack.yaml.lock cabal.project.freeze .terraform.lock.hcl conan.lock vcpkg-lock.json .pnp.cjs .pnp.loader.mjs`);

const SECRET_NAMES = words(`
  .env .envrc .netrc _netrc .pgpass .htpasswd .npmrc .pypirc .dockercfg .git-credentials .s3cfg .boto id_rsa id_dsa id_ecdsa
  id_ed25519 credentials.json service-account.json secrets.yml secrets.yaml secrets.json terraform.tfstate
  terraform.tfstate.backup`);

const SECRET_PATTERNS = [
  /^\.env\.(?!(example|sample|template|dist|defaults?|schema|test|ci)$)/,
  /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|tfstate|ovpn)$/i,
];

/** Well-known places of credentials below a directory. */
const SECRET_PATHS = /(^|\/)(\.aws\/credentials|\.docker\/config\.json|\.kube\/config|\.ssh\/.*|\.gnupg\/.*)$/;

const MEDIA = words(`
  png jpg jpeg gif bmp ico icns webp avif tif tiff heic psd ai eps svg svgz sketch fig xcf raw mp3 mp4 m4a m4v wav ogg oga ogv
  flac aac opus mid midi webm avi mov mkv flv wmv ttf otf woff woff2 eot pdf ps doc docx xls xlsx ppt pptx odt ods odp rtf epub
  mobi pages zip tar gz tgz bz2 xz zst lz4 lzma 7z rar br jar war ear apk aab ipa deb rpm dmg iso img whl egg gem nupkg crx vsix
  exe dll so dylib a lib o obj ko pdb class pyc pyo pyd elc beam wasm node bin dat rom hex glb gltf fbx blend stl 3ds unitypackage
  uasset umap pak`);

const DATA = words(`
  csv tsv parquet avro arrow feather orc npy npz mat h5 hdf5 pkl pickle joblib rds rdata sqlite sqlite3 db mdb ldb log pt pth onnx
  safetensors gguf ggml tflite pbtxt.gz ckpt jsonl ndjson geojson topojson kml gpx shp dbf shx`);

/** Extensions, longest first where several dots matter. */
const GENERATED_NAMES =
  /\.(map|snap|tsbuildinfo|designer\.cs|g\.cs|g\.dart|freezed\.dart|pb\.go|pb\.cc|pb\.h|_pb2\.pyi?)$|_pb2(_grpc)?\.pyi?$/i;
const MINIFIED_NAMES = /[.-](min|bundle\.min)\.(js|mjs|cjs|css|html)$/i;

/** Why a file is left out for its path alone; null to keep it. */
export function skipByPath(path: string): SkipReason | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (SECRET_NAMES.has(name) || SECRET_PATTERNS.some((pattern) => pattern.test(name)) || SECRET_PATHS.test(path))
    return 'secret';
  if (LOCK_FILES.has(name)) return 'lock';
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
  if (MEDIA.has(extension)) return 'media';
  if (DATA.has(extension)) return 'data';
  if (MINIFIED_NAMES.test(name)) return 'minified';
  return GENERATED_NAMES.test(name) ? 'generated' : null;
}

/** Directories that hold what tools put there, whatever is beside them. */
const DEPENDENCY_DIRECTORIES = words(`
  node_modules bower_components jspm_packages .venv .virtualenv site-packages __pycache__ .tox .nox .mypy_cache .pytest_cache
  .ruff_cache .ipynb_checkpoints .eggs .gradle .terraform .terragrunt-cache .next .nuxt .svelte-kit .turbo .parcel-cache .cache
  .yarn .pnpm-store .angular .dart_tool .stack-work dist-newstyle elm-stuff .elixir_ls .bloop .metals .zig-cache zig-out
  DerivedData Carthage .build .hg .svn .bzr _darcs CVS`);

/** Directories that are build output only beside the named files. */
const OUTPUT_DIRECTORIES: Readonly<Record<string, readonly string[]>> = {
  target: ['Cargo.toml', 'pom.xml', 'build.sbt', 'project.clj'],
  build: [
    'build.gradle',
    'build.gradle.kts',
    'pubspec.yaml',
    'CMakeLists.txt',
    'setup.py',
    'pyproject.toml',
    'package.json',
  ],
  dist: ['package.json', 'setup.py', 'pyproject.toml'],
  out: ['build.gradle', 'build.gradle.kts', 'tsconfig.json'],
  vendor: ['go.mod', 'composer.json', 'Gemfile'],
  venv: ['pyproject.toml', 'setup.py', 'requirements.txt', 'Pipfile'],
  env: ['requirements.txt', 'Pipfile'],
  _build: ['mix.exs', 'dune-project', 'rebar.config'],
  deps: ['mix.exs'],
  Pods: ['Podfile'],
  obj: ['*.csproj', '*.fsproj', '*.vbproj'],
  bin: ['*.csproj', '*.fsproj', '*.vbproj'],
  coverage: ['package.json'],
};

export function isDependencyDirectory(name: string): boolean {
  return DEPENDENCY_DIRECTORIES.has(name);
}

/** Is a directory build output, given the names beside it? */
export function isOutputDirectory(name: string, siblings: ReadonlySet<string>): boolean {
  const marks = Object.hasOwn(OUTPUT_DIRECTORIES, name) ? OUTPUT_DIRECTORIES[name] : undefined;
  return (
    marks?.some((mark) =>
      mark.startsWith('*') ? [...siblings].some((name) => name.endsWith(mark.slice(1))) : siblings.has(mark),
    ) ?? false
  );
}

/** An installed package: its dist or build directory is all there is to read. */
export function isInstalledPackage(root: string): boolean {
  return /[\\/](node_modules|site-packages|dist-packages|vendor|Pods|\.cargo|pkg[\\/]mod)[\\/]/.test(`${root}/`);
}
