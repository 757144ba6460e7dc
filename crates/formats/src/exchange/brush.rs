//! Label Studio's own run lengths: a stream of bits, with runs of one value and runs of several, all four channels.

/// The alpha channel of so many pixels; none where the bytes are not they.
pub(super) fn unpack(bytes: &[u8], pixels: usize) -> Option<Vec<u8>> {
    let mut at = 0_usize;
    let mut bits = |count: u32| -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = bytes.get(at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - at % 8) & 1);
            at += 1;
        }
        Some(value)
    };
    if bits(32)? as usize != pixels.checked_mul(4)? {
        return None;
    }
    let word = bits(5)? + 1;
    let mut sizes = [0; 4];
    for size in &mut sizes {
        *size = bits(4)? + 1;
    }
    let mut alpha = vec![0; pixels];
    let mut value_at = 0;
    while value_at < pixels * 4 {
        let repeated = bits(1)? == 1;
        let size = sizes[bits(2)? as usize];
        let length = bits(size)? as usize + 1;
        let mut value = if repeated { bits(word)? } else { 0 };
        for _ in 0..length {
            if !repeated {
                value = bits(word)?;
            }
            if value_at % 4 == 3 {
                *alpha.get_mut(value_at / 4)? = value as u8;
            }
            value_at += 1;
        }
    }
    Some(alpha)
}

/// Packs a mask the same way: every run of equal values as one, words of eight bits.
pub(super) fn pack(pixels: &[u8]) -> Vec<u8> {
    let mut out = Bits::default();
    out.put(32, pixels.len() as u32 * 4);
    out.put(5, 7);
    let sizes = [3, 4, 8, 16];
    for size in sizes {
        out.put(4, size - 1);
    }
    let mut at = 0;
    while at < pixels.len() {
        let value = pixels[at];
        let run = pixels[at..].iter().take_while(|next| **next == value).count();
        // All four channels of a pixel are alike, so that a run of pixels is one of values.
        let mut left = run * 4;
        while left > 0 {
            let length = left.min(1 << 16);
            let class = sizes.iter().position(|size| length <= 1 << size).unwrap_or(3);
            out.put(1, 1);
            out.put(2, class as u32);
            out.put(sizes[class], length as u32 - 1);
            out.put(8, if value == 0 { 0 } else { 255 });
            left -= length;
        }
        at += run;
    }
    out.bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    fn put(&mut self, count: u32, value: u32) {
        for at in (0..count).rev() {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> at & 1) as u8) << (7 - self.count % 8);
            }
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brush_packs_and_unpacks() {
        let pixels: Vec<u8> =
            (0..70_000_u32).map(|at| u8::from(at % 977 < 13 || at > 60_000)).collect();
        let found = unpack(&pack(&pixels), pixels.len()).unwrap();
        assert!(pixels.iter().zip(&found).all(|(a, b)| (*a != 0) == (*b != 0)));
        assert_eq!(unpack(&pack(&pixels)[..20], pixels.len()), None);
    }
}
