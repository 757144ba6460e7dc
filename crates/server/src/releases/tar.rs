//! Pictures in one file, as every system can unpack it (POSIX ustar, with pax headers for long names).

use std::io::{self, Read, Write};

const BLOCK: usize = 512;

pub struct TarWriter<W: Write> {
    out: W,
}

impl<W: Write> TarWriter<W> {
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// Adds a file; `content` must give exactly `length` bytes.
    pub fn add(&mut self, name: &str, length: u64, content: &mut impl Read) -> io::Result<()> {
        self.put(name, length, |out| io::copy(&mut content.take(length), out))
    }

    /// Adds a file that `write` writes; it returns how many bytes those were, and they are exactly `length`.
    pub fn put(
        &mut self,
        name: &str,
        length: u64,
        write: impl FnOnce(&mut W) -> io::Result<u64>,
    ) -> io::Result<()> {
        let name = safe(name);
        if name.len() > 100 || !name.is_ascii() {
            let long = pax("path", &name);
            self.header("pax", b'x', long.len() as u64)?;
            self.out.write_all(long.as_bytes())?;
            self.pad(long.len() as u64)?;
        }
        self.header(&name, b'0', length)?;
        if write(&mut self.out)? != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.pad(length)
    }

    fn header(&mut self, name: &str, kind: u8, length: u64) -> io::Result<()> {
        let mut block = [0u8; BLOCK];
        let short: Vec<u8> =
            name.bytes().map(|byte| if byte.is_ascii() { byte } else { b'_' }).take(100).collect();
        block[..short.len()].copy_from_slice(&short);
        block[100..108].copy_from_slice(b"0000644\0");
        block[108..116].copy_from_slice(b"0000000\0");
        block[116..124].copy_from_slice(b"0000000\0");
        block[124..136]
            .copy_from_slice(format!("{length:011o}\0").get(..12).unwrap_or_default().as_bytes());
        block[136..148].copy_from_slice(b"00000000000\0");
        block[148..156].copy_from_slice(b"        ");
        block[156] = kind;
        block[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.out.write_all(&block)
    }

    fn pad(&mut self, length: u64) -> io::Result<()> {
        let over = (length % BLOCK as u64) as usize;
        if over == 0 { Ok(()) } else { self.out.write_all(&[0; BLOCK][over..]) }
    }

    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        Ok(self.out)
    }
}

/// A name that stays inside the folder where somebody unpacks it.
fn safe(name: &str) -> String {
    let parts = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    let parts: Vec<String> =
        parts.map(|part| part.replace(|c: char| c.is_control() || c == ':', "_")).collect();
    if parts.is_empty() { "unnamed".into() } else { parts.join("/") }
}

/// A line of a pax header, which begins with its own length.
fn pax(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside() {
        assert_eq!(safe("../../etc/passwd"), "etc/passwd");
        assert_eq!(safe("/a//b/./c\n.jpg"), "a/b/c_.jpg");
        assert_eq!(safe(".."), "unnamed");
    }

    #[test]
    fn a_pax_line_knows_its_length() {
        for length in [1, 85, 88, 89, 90, 91, 985, 990] {
            let line = pax("path", &"x".repeat(length));
            let (told, _) = line.split_once(' ').unwrap_or_default();
            assert_eq!(told.parse(), Ok(line.len()));
        }
    }
}
