use inventory_core::reader::Options;

use crate::support::{check, read_chunks, read_whole};

const EMPTY: &str = "refused: the file is empty; a header and a row for each item are needed";

#[test]
fn a_byte_order_mark_is_taken_off() {
    check("\u{feff}store,item,count\nOslo,tea,4\n", &["2: Oslo/tea 4"]);
    check("\u{feff}\"store\",\"item\",\"count\"\nOslo,tea,4\n", &["2: Oslo/tea 4"]);
    check("\u{feff}\r\n\nstore,item,count\nOslo,tea,4\n", &["4: Oslo/tea 4"]);
}

#[test]
fn a_byte_order_mark_may_be_cut_anywhere() {
    let file = "\u{feff}store,item,count\nOslo,tea,4\n".as_bytes();
    let whole = read_whole(file, &Options::default());
    for cut in 0..=5 {
        let (start, rest) = file.split_at(cut);
        assert_eq!(read_chunks([start, b"", rest], &Options::default()), whole, "cut at {cut}");
    }
}

#[test]
fn a_second_byte_order_mark_is_text() {
    check("\u{feff}\u{feff}store,item,count\nOslo,tea,4\n", &["2: Oslo/tea 4"]);
    check("store,item,count,name\nOslo,tea,4,\u{feff}Tea\n", &["2: Oslo/tea 4 \"\\u{feff}Tea\""]);
    check("\r\n\r\n\u{feff}store,item,count\nOslo,tea,4\n", &["4: Oslo/tea 4"]);
}

#[test]
fn a_byte_order_mark_alone_is_an_empty_file() {
    check("\u{feff}", &[EMPTY]);
    check("\u{feff}\n", &[EMPTY]);
}

#[test]
fn compressed_files_that_end_too_early_are_refused() {
    let gzip = "refused: the file is compressed with gzip, and ends too early or is damaged; upload it again";
    check(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", &[gzip]);
    check(b"\x1f\x8b", &[gzip]);
    check(
        b"\x28\xb5\x2f\xfd\x24\x00",
        &["refused: the file is compressed with zstd, and ends too early; upload it again"],
    );
}

#[test]
fn bytes_that_only_begin_like_an_archive_are_text() {
    check("PK,store,item,count\n1,Oslo,tea,4\n", &["2: Oslo/tea 4"]);
    check("(,store,item,count\n1,Oslo,tea,4\n", &["2: Oslo/tea 4"]);
    check(b"\x1f,store,item,count\n1,Oslo,tea,4\n", &["2: Oslo/tea 4"]);
}

#[test]
fn utf_16_is_read_with_and_without_its_mark() {
    let file = "store,item,count\r\nGenève,茶,4\r\n";
    let little: Vec<u8> = file.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = file.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [[b"\xff\xfe", &little[..]].concat(), [b"\xfe\xff", &big[..]].concat(), little, big] {
        check(bytes, &["2: Genève/茶 4"]);
    }
    check(b"\xff\xfe", &[EMPTY]);
}

#[test]
fn bytes_that_are_no_utf_8_are_of_another_encoding() {
    check(b"store,item,count\nGen\xe8ve,th\xe9,4\n", &["2: Genève/thé 4"]);
}

#[test]
fn the_first_other_byte_tells_the_encoding_wherever_it_comes() {
    let rows = "Oslo,tea,4\n".repeat(40_000);
    let file = [b"store,item,count\n", rows.as_bytes(), b"Gen\xe8ve,th\xe9 \xe0 la menthe,7\n"].concat();
    let outcome = read_chunks(file.chunks(4093), &Options::default());
    assert_eq!(outcome.records().last().unwrap().store, "Genève");
    assert_eq!(outcome.end.unwrap().encoding.unwrap(), "windows-1252");
}

#[test]
fn damage_in_utf_8_is_replaced_and_told() {
    let file = "store,item,count,name\nGenève,thé,4,Thé vert à la menthe\nZürich,t\u{0},4,Grüner\n";
    let mut file = file.as_bytes().to_vec();
    let at = file.iter().position(|byte| *byte == 0).unwrap();
    file[at] = 0xff;
    check(&file, &["2: Genève/thé 4 \"Thé vert à la menthe\"", "3: Zürich/t\u{fffd} 4 \"Grüner\""]);
    let outcome = read_whole(&file, &Options::default());
    let warnings: Vec<String> =
        outcome.records().flat_map(|record| &record.warnings).map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        ["line 3, column 2: bytes that are no text were replaced with \u{fffd}: \"t\u{fffd}\""]
    );
}

#[test]
fn what_is_no_text_is_refused() {
    let binary: Vec<u8> = (0..=255).cycle().take(4000).map(|byte: u8| byte.wrapping_mul(7) % 32).collect();
    check(binary, &["refused: the file is no text; upload it as CSV text"]);
}

#[test]
fn an_ignored_field_may_be_anything() {
    check(b"store,supplier,item,count\nOslo,Ch\xe2teau,tea,4\n", &["2: Oslo/tea 4"]);
    check(b"store,pr\xe9x,item,count\nOslo,1,tea,4\n", &["2: Oslo/tea 4"]);
}
