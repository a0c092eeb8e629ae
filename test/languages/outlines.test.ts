// One small source per language, and the symbols that are found in it: what the symbol tables are worth.
import { beforeAll, expect, it } from 'vitest';
import { type Chunker, createChunker } from '#src/languages/chunker.js';
import { outlineText } from './outline-text.js';

let chunker: Chunker;
beforeAll(async () => {
  chunker = await createChunker();
});

const outline = (path: string, source: string): string => outlineText(chunker, path, source);

it('TypeScript', () => {
  const source = `
import { a } from 'b';
const fs = require('node:fs');
export const parseArguments = async (argv: string[]) => argv.map((x) => x);
export const LIMITS = { low: 1 } as const;
export interface Options { readonly verbose: boolean; run(): void }
export type Result<T> = { ok: T } | { error: string };
export enum Color { Red, Green }
export declare namespace Outer { export type Inner = 1; }
declare module 'virtual' { export function load(name: string): void; }
export function overloaded(a: string): string;
export function overloaded(a: number): number;
export function overloaded(a: unknown): unknown { return a; }
/** Doc. */
@Component({ selector: 'app' })
export class Service<T> extends Base {
  private count = 0;
  handle = (event: Event) => { this.count++; };
  constructor(private readonly http: Http) { super(); }
  static create(): Service<unknown> { return new Service(null); }
  get value() { return this.count; }
}
export const api = {
  get() { return 1; },
  post: async () => 2,
  retries: 3,
};
export const wrapped = memo(forwardRef((props, ref) => null));
export default function () { return null; }
describe('the parser', () => {
  it('reads numbers', () => {
    expect(1).toBe(1);
  });
});
`;
  expect(outline('a.ts', source)).toMatchInlineSnapshot(`
    "typescript syntax
    1-13 function overloaded
    14-34 class Service
    defines: parseArguments LIMITS Options Result Color Outer virtual overloaded Service handle create value api get post wrapped"
  `);
});

it('TSX', () => {
  const source = `
type Props = { title: string };
export const Button: React.FC<Props> = ({ title }) => {
  const onClick = () => {
    console.log(title);
  };
  return <button onClick={onClick}>{title}</button>;
};
export default class App extends React.Component { render() { return <Button title="a" />; } }
`;
  expect(outline('a.tsx', source)).toMatchInlineSnapshot(`
    "typescript syntax
    1-9 function Button
    defines: Props Button onClick App"
  `);
});

it('JavaScript', () => {
  const source = `
const path = require('path');
function Legacy() {}
Legacy.prototype.greet = function () { return 1; };
exports.helper = (x) => x;
module.exports = Legacy;
export function* items() { yield 1; }
class Queue { #size = 0; push = (x) => x; async pop() {} }
`;
  expect(outline('a.js', source)).toMatchInlineSnapshot(`
    "javascript syntax
    1-8 function Legacy.greet
    defines: Legacy greet helper items Queue"
  `);
});

it('Python', () => {
  const source = `
import os
TIMEOUT: int = 5
@dataclass
class Point(Base):
    x: int = 0
    @property
    def length(self) -> float:
        def square(v):
            return v * v
        return square(self.x)
async def fetch(url): ...
type Alias = int
`;
  expect(outline('a.py', source)).toMatchInlineSnapshot(`
    "python syntax
    1-13 class Point
    defines: TIMEOUT Point length square fetch Alias"
  `);
});

it('Go', () => {
  const source = `
package main
const Limit = 3
var (
	cache = map[string]int{}
)
type Store interface { Get(key string) string }
type (
	memory struct { m map[string]string }
	Key = string
)
func (m *memory) Get(key string) string { return m.m[key] }
func New[T any]() *memory { return nil }
`;
  expect(outline('a.go', source)).toMatchInlineSnapshot(`
    "go syntax
    1-13 method memory.Get
    defines: Limit cache Store memory Key Get New"
  `);
});

it('Rust', () => {
  const source = `
pub const MAX: usize = 3;
/// A cache.
#[derive(Debug)]
pub struct Cache<T> { inner: Vec<T> }
pub enum State { Open, Closed }
pub trait Load { fn load(&self) -> u8; }
impl<T> Load for Cache<T> {
    fn load(&self) -> u8 { 1 }
}
macro_rules! square { ($x:expr) => { $x * $x }; }
mod inner {
    pub fn helper() {}
}
`;
  expect(outline('a.rs', source)).toMatchInlineSnapshot(`
    "rust syntax
    1-14 struct Cache
    defines: MAX Cache State Load load square inner helper"
  `);
});

it('Java', () => {
  const source = `
package a.b;
/** Doc. */
@Service
public class Orders<T> extends Base {
  private int count;
  public Orders() { this.count = 0; }
  @Override public String find(int id) { return ""; }
  enum Status { OPEN, CLOSED }
  record Line(int id, String name) {}
  interface Visitor { void visit(Line line); }
}
`;
  expect(outline('A.java', source)).toMatchInlineSnapshot(`
    "java syntax
    1-12 class Orders
    defines: Orders find Status Line Visitor"
  `);
});

it('C', () => {
  const source = `
#include <stdio.h>
#define SQUARE(x) ((x) * (x))
typedef struct node { struct node *next; } node_t;
enum color { RED };
static const char *names[] = { "a", "b" };
int declared(int a);
#ifdef DEBUG
static int *find(node_t *n, int key) {
  return 0;
}
#endif
`;
  expect(outline('a.c', source)).toMatchInlineSnapshot(`
    "c syntax
    1-12 function find
    defines: SQUARE node_t color names find"
  `);
});

it('C++', () => {
  const source = `
namespace app {
template <class T>
class Queue : public Base<T> {
 public:
  Queue() {}
  ~Queue() {}
  bool operator==(const Queue& o) const { return true; }
  void push(T value);
};
using Names = Queue<int>;
enum class Mode { fast };
}
template <class T>
void app::Queue<T>::push(T value) {
  size++;
}
`;
  expect(outline('a.cpp', source)).toMatchInlineSnapshot(`
    "cpp syntax
    1-17 class app.Queue
    defines: Queue ~Queue operator== Names Mode push"
  `);
});

it('C#', () => {
  const source = `
using System;
namespace App.Core
{
    [Serializable]
    public class Repo<T> : Base, IRepo
    {
        public Repo(int size) { }
        public int Count { get; set; }
        public async Task<T> FindAsync(int id)
        {
            int Local(int x) { return x; }
            return default;
        }
    }
    public interface IRepo { void Save(); }
    public struct Size { public int W; }
    public enum Kind { A, B }
    public delegate void Changed(int x);
}
`;
  expect(outline('a.cs', source)).toMatchInlineSnapshot(`
    "csharp syntax
    1-20 class App.Core.Repo
    defines: Repo Count FindAsync Local IRepo Size Kind Changed"
  `);
});

it('Ruby', () => {
  const source = `
module Shop
  class Cart < Base
    LIMIT = 10
    attr_reader :items
    def initialize(items) = @items = items
    def total
      items.sum
    end
    def self.load(id) = new([])
  end
end
describe "Cart" do
  it "sums" do
    expect(1).to eq 1
  end
end
`;
  expect(outline('a.rb', source)).toMatchInlineSnapshot(`
    "ruby syntax
    1-17 module Shop
    defines: Shop Cart LIMIT total load"
  `);
});

it('PHP', () => {
  const source = `<?php
namespace App\\Http;
const VERSION = '1';
#[Route('/')]
final class Controller extends Base
{
    public const LIMIT = 3;
    public function __construct(private Db $db) {}
    public function index(): Response { return new Response(); }
}
interface Renderer { public function render(): string; }
trait Logs { private function log() {} }
enum Suit { case Hearts; }
function helper($x) { return $x; }
`;
  expect(outline('a.php', source)).toMatchInlineSnapshot(`
    "php syntax
    1-14 class Controller
    defines: VERSION Controller LIMIT index Renderer Logs Suit helper"
  `);
});

it('Kotlin', () => {
  const source = `
package a
typealias Names = List<String>
val timeout = 3
/** Doc. */
@Serializable
data class User(val name: String) : Base() {
    fun greet(): String = "hi"
    companion object { fun of(name: String) = User(name) }
}
interface Store {
    fun load(): User
}
object Registry {
    fun find() {}
}
fun <T> List<T>.second(): T = this[1]
`;
  expect(outline('a.kt', source)).toMatchInlineSnapshot(`
    "kotlin syntax
    1-17 class User
    defines: Names timeout User greet Store load Registry find second"
  `);
});

it('Swift', () => {
  const source = `
let limit = 3
/// Doc.
public final class Session: Base {
    private var count = 0
    init(count: Int) {
        self.count = count
    }
    func start<T>(_ value: T) -> T { return value }
    var isRunning: Bool { count > 0 }
}
struct Point { var x: Int }
enum Direction { case north }
protocol Drawable { func draw() }
extension Session: Drawable {
    func draw() {}
}
`;
  expect(outline('a.swift', source)).toMatchInlineSnapshot(`
    "swift syntax
    1-17 class Session
    defines: limit Session start isRunning Point Direction Drawable draw"
  `);
});

it('Scala', () => {
  const source = `
package app
/** Doc. */
case class User(name: String) extends Base {
  def greet: String = name
  val size = 1
}
object User {
  def of(name: String): User = User(name)
  type Id = Int
}
trait Store[F[_]] {
  def load(id: Int): F[User]
}
`;
  expect(outline('a.scala', source)).toMatchInlineSnapshot(`
    "scala syntax
    1-14 class User
    defines: User greet size of Id Store load"
  `);
});

it('Bash', () => {
  const source = `#!/usr/bin/env bash
VERSION=1
# Prints.
log() {
  echo "$@"
}
function main {
  log hi
}
`;
  expect(outline('a.sh', source)).toMatchInlineSnapshot(`
    "bash syntax
    1-9 variable VERSION
    defines: VERSION log main"
  `);
});

it('Lua', () => {
  const source = `
local M = {}
local function private() end
function M.setup(opts) end
function M:method() end
M.late = function() end
return M
`;
  expect(outline('a.lua', source)).toMatchInlineSnapshot(`
    "lua syntax
    1-7 function private
    defines: M private setup method late"
  `);
});

it('Elixir', () => {
  const source = `
defmodule Shop.Cart do
  @doc "Adds."
  @spec add(t, item) :: t
  def add(cart, item) when is_list(cart) do
    [item | cart]
  end
  defp total(cart), do: Enum.sum(cart)
  defmacro debug(x), do: x
end
`;
  expect(outline('a.ex', source)).toMatchInlineSnapshot(`
    "elixir syntax
    1-10 module Shop.Cart
    defines: Shop.Cart add total debug"
  `);
});

it('Haskell', () => {
  const source = `
module Shop where
-- | Adds.
add :: Int -> Int -> Int
add x y = x + y
data Shape = Circle Double | Square Double
newtype Id = Id Int
class Area a where
  area :: a -> Double
instance Area Shape where
  area _ = 1
`;
  expect(outline('A.hs', source)).toMatchInlineSnapshot(`
    "haskell syntax
    1-11 type Shape
    defines: add Shape Id Area area"
  `);
});

it('Zig, Dart, R, Elm, Clojure and Solidity', () => {
  expect(
    outline(
      'a.zig',
      'const Point = struct {\n    x: i32,\n    pub fn len(self: Point) i32 {\n        return self.x;\n    }\n};\ntest "length" {\n}\n',
    ),
  ).toMatchInlineSnapshot(`
    "zig syntax
    1-8 struct Point
    defines: Point len"
  `);
  expect(
    outline(
      'a.dart',
      'class App extends Base {\n  App.named();\n  int run() {\n    return 1;\n  }\n}\nvoid main() {\n  App();\n}\n',
    ),
  ).toMatchInlineSnapshot(`
    "dart syntax
    1-9 class App
    defines: App named run main"
  `);
  expect(outline('a.R', 'limit <- 3\nscale_all <- function(x) {\n  x\n}\n')).toMatchInlineSnapshot(`
    "r syntax
    1-4 function scale_all
    defines: limit scale_all"
  `);
  expect(
    outline('a.elm', 'module A exposing (..)\ntype Msg = Click\nupdate : Msg -> Int\nupdate msg =\n    1\n'),
  ).toMatchInlineSnapshot(`
    "elm syntax
    1-5 function update
    defines: Msg update"
  `);
  expect(
    outline('a.clj', '(ns app.core)\n(defn- greet "Doc." [name]\n  name)\n(defprotocol Store\n  (load [this]))\n'),
  ).toMatchInlineSnapshot(`
    "clojure syntax
    1-5 protocol Store
    defines: app.core greet Store"
  `);
  expect(
    outline(
      'a.sol',
      'contract Token is Base {\n  event Sent(uint a);\n  modifier only() { _; }\n  function send() public {\n  }\n}\n',
    ),
  ).toMatchInlineSnapshot(`
    "solidity syntax
    1-6 contract Token
    defines: Token Sent only send"
  `);
});

it('Markdown by heading, data by key, markup by element', () => {
  expect(outline('a.md', 'Intro\n\n# Install\ntext\n## From source\n```sh\nmake\n```\n')).toMatchInlineSnapshot(`
    "markdown syntax
    1-8 section Install
    defines: "
  `);
  expect(outline('a.yml', 'name: ci\njobs:\n  build:\n    steps:\n      - run: make\n')).toMatchInlineSnapshot(`
    "yaml syntax
    1-5 - -
    defines: "
  `);
  expect(outline('main.tf', 'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}\n')).toMatchInlineSnapshot(`
    "terraform syntax
    1-3 block resource.aws_s3_bucket.logs
    defines: resource.aws_s3_bucket.logs"
  `);
  expect(
    outline('a.scss', '@mixin wide($x) {\n  width: $x;\n}\n.card {\n  .title { color: red; }\n}\n'),
  ).toMatchInlineSnapshot(`
    "scss syntax
    1-6 mixin wide
    defines: wide"
  `);
});

it('parses scripts in pages as what they are', () => {
  const page =
    '<template>\n  <div>{{ count }}</div>\n</template>\n<script setup lang="ts">\nconst useCount = (): number => {\n  return 1;\n};\ninterface State { count: number }\n</script>\n';
  expect(outline('a.vue', page)).toMatchInlineSnapshot(`
    "vue syntax
    1-9 element template
    defines: useCount State"
  `);
});

it('OCaml', () => {
  const source = `(** Walks. *)
let rec walk tree = match tree with
  | Leaf -> 0
  | Node (l, r) -> let left = walk l in left + walk r
and size = function Leaf -> 1 | Node _ -> 2
let ( +. ) a b = a
let limit = 5
let (a, b) = (1, 2)
type 'a shape = Circle of 'a | Square
exception Not_found of string
external raw : int -> int = "c_raw"
module Inner = struct
  let hidden x = x
end
module type STORE = sig val get : int -> int end
class point = object method move d = d end
`;
  expect(outline('a.ml', source)).toMatchInlineSnapshot(`
    "ocaml syntax
    1-16 function walk
    defines: walk size ( +. ) limit shape Not_found raw Inner hidden STORE point"
  `);
  expect(
    outline('a.mli', 'val walk : tree -> int\n(** Walks. *)\nmodule Inner : sig val get : int end\n'),
  ).toMatchInlineSnapshot(`
    "ocaml syntax
    1-3 module Inner
    defines: walk Inner"
  `);
});

it('Julia', () => {
  const source = `module Shop
using Base
const LIMIT = 3
abstract type Item <: Any end
"""
    Cart

What is bought.
"""
mutable struct Cart{T <: Item} <: AbstractVector{T}
  items::Vector{T}
end
function Base.show(io::IO, cart::Cart{T}) where {T}
  sum = total(cart)
  print(io, sum)
end
@inline function total(cart) 1 end
area(x::Real)::Real where T = x^2
macro checked(e)
  e
end
end
`;
  expect(outline('a.jl', source)).toMatchInlineSnapshot(`
    "julia syntax
    1-22 module Shop
    defines: Shop LIMIT Item Cart show total area checked"
  `);
});

it('Objective-C', () => {
  const source = `#import "Cart.h"
@interface Cart : NSObject <Basket>
@property (nonatomic) int total;
- (void)addItem:(Item *)item count:(int)count;
@end
@implementation Cart (Sums)
+ (instancetype)shared { return nil; }
- (int)total {
  return 1;
}
@end
@protocol Basket <NSObject>
- (void)clear;
@end
typedef struct { int a; } Pair;
static int add(int a) { return a; }
`;
  expect(outline('a.m', source)).toMatchInlineSnapshot(`
    "objective-c syntax
    1-16 class Cart
    defines: Cart addItem shared total Basket clear Pair add"
  `);
});

it('TOML', () => {
  const body = Array.from({ length: 60 }, (_, i) => `key${i} = "value number ${i} of the table"`).join('\n');
  const source = `name = "a"\n[tool."x y".z]\n${body}\n[[bin]]\n${body}\n`;
  expect(outline('a.toml', source)).toMatchInlineSnapshot(`
    "toml syntax
    1-48 section tool."x y".z
    49-62 section tool."x y".z
    63-110 section bin
    111-123 section bin
    defines: "
  `);
});

it('cuts long examples in documents as code, and takes nothing in them for a definition of the document', () => {
  const step = (name: string): string =>
    [`function ${name}() {`, ...Array.from({ length: 30 }, (_, i) => `  call(${i}, "argument");`), '}'].join('\n');
  const source = `# Guide\n\n\`\`\`ts title="all"\n${['one', 'two', 'three', 'four'].map(step).join('\n')}\n\`\`\`\nEnd.\n`;
  expect(outline('a.md', source)).toMatchInlineSnapshot(`
    "markdown syntax
    1-67 section Guide
    68-133 section Guide
    defines: "
  `);
  expect(chunker.chunk('a.md', source).chunks[1]?.text).toMatch(/^function three\(\)/);
});

it('finds definitions line by line where there is no grammar', () => {
  const sources = {
    'a.sql': 'create table if not exists users (id int);\ncreate or replace function touch() returns void as $$ $$;\n',
    'a.proto': 'message User {\n  message Address {\n  }\n}\nservice Users {\n  rpc Get(Id) returns (User);\n}\n',
    Dockerfile: 'FROM node:22 AS build\nRUN make\nFROM scratch\nCOPY --from=build /a /a\n',
    Makefile: 'CC := gcc\n# Everything.\nall: test\n\nbuild/%.o: %.c\n\tcc\n',
    'a.mm': '@implementation Cart\n- (int)total {\n  return 1;\n}\n@end\n',
    'a.mll': "{ open Lexing }\nlet digit = ['0'-'9']\nrule token = parse\n",
    'a.pl': 'package Shop::Cart;\n# Sums.\nsub total {\n  return 1;\n}\n',
    'a.erl': '-module(cart).\ntotal([]) -> 0;\ntotal([H | T]) ->\n  H + total(T).\n',
    'a.ps1': 'function Get-Cart {\n}\nclass Cart {\n}\n',
    'a.el': '(defun cart-total (cart)\n  1)\n(defvar cart-limit 3)\n',
    'a.graphql': 'type Query {\n  cart: Cart\n}\nenum Size { S }\n',
  };
  const found = Object.entries(sources).map(
    ([path, source]) => `${path}: ${outline(path, source).replace(/\n.*\n/s, ' | ')}`,
  );
  expect(found.join('\n')).toMatchInlineSnapshot(`
    "a.sql: sql patterns | defines: users touch
    a.proto: protobuf patterns | defines: User Address Users Get
    Dockerfile: dockerfile patterns | defines: 
    Makefile: makefile patterns | defines: all build/%.o
    a.mm: objective-c patterns | defines: Cart total
    a.mll: ocaml patterns | defines: digit
    a.pl: perl patterns | defines: Shop::Cart total
    a.erl: erlang patterns | defines: cart total
    a.ps1: powershell patterns | defines: Get-Cart Cart
    a.el: emacs-lisp patterns | defines: cart-total cart-limit
    a.graphql: graphql patterns | defines: Query Size"
  `);
});
