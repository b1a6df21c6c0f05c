use inventory_core::reader::{Column, Layout, Options};

use crate::support::{for_store, read_whole};

fn layout(file: &str, options: &Options) -> Layout {
    read_whole(file.as_bytes(), options).end.unwrap()
}

fn known(column: &Column) -> (usize, &str) {
    (column.column, &column.header)
}

#[test]
fn a_layout_says_which_column_is_what() {
    let layout = layout("\n\" Item \",Price,STORE,Count,reorder-point\n", &Options::default());
    assert_eq!((layout.header_line, layout.delimiter, layout.columns), (2, ',', 5));
    assert_eq!(known(&layout.item), (1, "Item"));
    assert_eq!(layout.store.as_ref().map(known), Some((3, "STORE")));
    assert_eq!(known(&layout.count), (4, "Count"));
    assert_eq!(layout.reorder_point.as_ref().map(known), Some((5, "reorder-point")));
    assert_eq!(layout.name, None);
}

#[test]
fn a_layout_says_which_optional_columns_there_are() {
    for (file, expect) in [
        ("store,item,count\n", (false, false)),
        ("store,item,count,name\n", (false, true)),
        ("store,item,count,reorder point\n", (true, false)),
        ("store,item,count,reorder point,name\n", (true, true)),
    ] {
        let columns = layout(file, &Options::default()).optional_columns();
        assert_eq!((columns.reorder_point, columns.name), expect, "{file:?}");
    }
}

#[test]
fn a_layout_is_written_as_json() {
    let layout = layout("item,count\n", &for_store("Oslo"));
    assert_eq!(
        serde_json::to_value(layout).unwrap(),
        serde_json::json!({
            "header_line": 1,
            "delimiter": ",",
            "store": null,
            "item": { "column": 1, "header": "item" },
            "count": { "column": 2, "header": "count" },
            "reorder_point": null,
            "name": null,
            "columns": 2,
        }),
    );
}
