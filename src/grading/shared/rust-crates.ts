import { maskText } from "../languages/syntax.js";

/**
 * What the published sets call of the crates rand (as it was in 0.7) and md5, which rustc alone does not have. Debian's rand
 * is a later one, whose `gen_range` takes a range.
 */
const STAND_INS = `
pub mod rand {
    use std::collections::hash_map::RandomState;
    use std::hash::{BuildHasher, Hasher};

    pub struct ThreadRng(u64);
    pub fn thread_rng() -> ThreadRng {
        ThreadRng(RandomState::new().build_hasher().finish() | 1)
    }
    pub fn random<T: Random>() -> T {
        thread_rng().gen()
    }
    pub trait RngCore {
        fn next_u64(&mut self) -> u64;
    }
    impl RngCore for ThreadRng {
        fn next_u64(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
        }
    }
    pub trait Rng: RngCore {
        fn gen<T: Random>(&mut self) -> T {
            T::random(self.next_u64())
        }
        fn gen_range<T: Uniform>(&mut self, low: T, high: T) -> T {
            T::between(self.next_u64(), low, high)
        }
        fn gen_bool(&mut self, p: f64) -> bool {
            self.gen::<f64>() < p
        }
    }
    impl<R: RngCore> Rng for R {}
    pub trait Random {
        fn random(bits: u64) -> Self;
    }
    pub trait Uniform {
        fn between(bits: u64, low: Self, high: Self) -> Self;
    }
    macro_rules! integers {
        ($($t:ty),*) => { $(
            impl Random for $t {
                fn random(bits: u64) -> Self {
                    (bits >> 16) as $t
                }
            }
            impl Uniform for $t {
                fn between(bits: u64, low: Self, high: Self) -> Self {
                    ::core::assert!(low < high, "gen_range: the range is empty");
                    (low as i128 + (bits as i128) % (high as i128 - low as i128)) as $t
                }
            }
        )* };
    }
    integers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);
    macro_rules! floats {
        ($($t:ty),*) => { $(
            impl Random for $t {
                fn random(bits: u64) -> Self {
                    ((bits >> 11) as f64 / (1u64 << 53) as f64) as $t
                }
            }
            impl Uniform for $t {
                fn between(bits: u64, low: Self, high: Self) -> Self {
                    low + <$t>::random(bits) * (high - low)
                }
            }
        )* };
    }
    floats!(f32, f64);
    impl Random for bool {
        fn random(bits: u64) -> Self {
            bits >> 63 == 1
        }
    }
}
pub mod md5 {
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Digest(pub [u8; 16]);
    impl std::ops::Deref for Digest {
        type Target = [u8; 16];
        fn deref(&self) -> &[u8; 16] {
            &self.0
        }
    }
    impl std::fmt::LowerHex for Digest {
        fn fmt(&self, to: &mut std::fmt::Formatter) -> std::fmt::Result {
            self.0.iter().try_for_each(|byte| write!(to, "{:02x}", byte))
        }
    }
    impl std::fmt::UpperHex for Digest {
        fn fmt(&self, to: &mut std::fmt::Formatter) -> std::fmt::Result {
            self.0.iter().try_for_each(|byte| write!(to, "{:02X}", byte))
        }
    }
    /** RFC 1321. */
    pub fn compute<T: AsRef<[u8]>>(data: T) -> Digest {
        const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
        let mut text = data.as_ref().to_vec();
        let bits = (text.len() as u64).wrapping_mul(8);
        text.push(0x80);
        while text.len() % 64 != 56 {
            text.push(0);
        }
        text.extend_from_slice(&bits.to_le_bytes());
        let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
        for block in text.chunks(64) {
            let word = |at: usize| u32::from_le_bytes([block[4 * at], block[4 * at + 1], block[4 * at + 2], block[4 * at + 3]]);
            let [mut a, mut b, mut c, mut d] = state;
            for step in 0..64usize {
                let (mix, at) = match step / 16 {
                    0 => ((b & c) | (!b & d), step),
                    1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
                    2 => (b ^ c ^ d, (3 * step + 5) % 16),
                    _ => (c ^ (b | !d), (7 * step) % 16),
                };
                let sine = (((step + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
                let sum = a.wrapping_add(mix).wrapping_add(sine).wrapping_add(word(at));
                a = d;
                d = c;
                c = b;
                b = b.wrapping_add(sum.rotate_left(SHIFTS[step / 16][step % 4]));
            }
            for (old, new) in state.iter_mut().zip([a, b, c, d]) {
                *old = old.wrapping_add(new);
            }
        }
        let mut digest = [0; 16];
        for (at, value) in state.iter().enumerate() {
            digest[4 * at..4 * at + 4].copy_from_slice(&value.to_le_bytes());
        }
        Digest(digest)
    }
}
`;

/** Whole lines that ask for a crate. Behind `extern crate` nothing has to stand: every path is turned. */
const CRATE_USES =
  /^[ \t]*(?:use[ \t]+(?:rand|regex|md5)\b[^;]*|extern[ \t]+crate[ \t]+(?:rand|regex|md5)[ \t]*);[ \t]*$/gm;
const USES_OF_OTHERS = /^[ \t]*(?:use[ \t]+regex\b[^;]*|extern[ \t]+crate[ \t]+(?:rand|regex|md5)[ \t]*);[ \t]*$/gm;
const NAMES_STAND_IN = /\b(?:rand|md5)::|\bthread_rng\b|\.gen(?:_range|_bool)?\b/;
/** Where a path begins that leads into one of the two. */
const PATH = /(?<![\w:.])(?:rand(?=\s*::)|md5(?=\s*::|\s*;))/g;

export interface WithCrates {
  /** The stand-ins as a module, or nothing where no part names them. */
  readonly module: string;
  readonly parts: readonly string[];
}

/**
 * Parts of one crate with their paths into rand and md5 turned to the stand-ins, in a module of that name. Lines that ask for
 * crates nobody stands in for are dropped: the sets name them in front of every program.
 */
export function withCrates(parts: readonly string[], module: string): WithCrates {
  const named = parts.some((part) => NAMES_STAND_IN.test(maskText(part.replace(CRATE_USES, ""), "rust")));
  if (!named) return { module: "", parts: parts.map((part) => part.replace(CRATE_USES, "")) };
  const turned = parts.map((part) => {
    const kept = part.replace(USES_OF_OTHERS, "");
    const masked = maskText(kept, "rust");
    let [text, at] = ["", 0];
    for (const { index } of masked.matchAll(PATH)) {
      text += `${kept.slice(at, index)}crate::${module}::`;
      at = index;
    }
    return text + kept.slice(at);
  });
  return { module: `mod ${module} {${STAND_INS}}`, parts: turned };
}
