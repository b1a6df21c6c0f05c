//! What fuzzing does, without a fuzzer: the sample files and what fuzzing
//! found, each damaged in many ways that are the same in every run.

use std::path::PathBuf;

use inventory_core::reader::Options;

use crate::formats::samples;
use crate::support::{limited, read_chunks, read_whole};

const TIMES: u64 = 40;

/// The same numbers in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most.max(1) as u64).unwrap()
    }
}

fn damaged(file: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const PIECES: [&[u8]; 10] =
        [b"\"", b",", b";", b"\n", b"\r", b"\0", b"\xff", b"1,5", b"\xef\xbb\xbf", b"store,item,count\n"];
    let mut file = file.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(file.len());
        match numbers.below(4) {
            0 => file[at] = u8::try_from(numbers.below(256)).unwrap(),
            1 => file.truncate(at.max(1)),
            2 => drop(file.splice(at..at, PIECES[numbers.below(PIECES.len())].iter().copied())),
            _ => {
                let end = (at + numbers.below(200)).min(file.len());
                let copied = file[at..end].to_vec();
                let to = numbers.below(file.len());
                drop(file.splice(to..to, copied));
            }
        }
    }
    file
}

#[test]
fn damaged_samples_are_read_or_refused_the_same_however_they_are_cut() {
    let bounded = limited(|limits| (limits.unpacked_bytes, limits.workbook_bytes) = (1 << 20, 1 << 20));
    for (path, options) in samples() {
        let file = std::fs::read(&path).unwrap();
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        for time in 0..TIMES {
            let file = damaged(&file, &mut numbers);
            let options = {
                let mut options = options.clone();
                options.limits = bounded.limits;
                options
            };
            let whole = read_whole(&file, &options);
            let size = 1 + numbers.below(90);
            let cut = read_chunks(file.chunks(size), &options);
            assert_eq!(cut.end, whole.end, "{} the {time}th time by {size}", path.display());
            assert!(whole.end.is_err() || cut == whole, "{} the {time}th time by {size}", path.display());
        }
    }
}

#[test]
fn what_fuzzing_found_stays_found() {
    let found = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/found");
    for entry in std::fs::read_dir(found).unwrap() {
        let file = std::fs::read(entry.unwrap().path()).unwrap();
        let whole = read_whole(&file, &Options::default());
        let cut = read_chunks(file.chunks(7), &Options::default());
        assert_eq!(cut.end, whole.end);
    }
}
