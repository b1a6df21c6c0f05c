//! Files of inventory as different tills write them, the same in every run.

/// How a till writes its files.
#[derive(Clone, Copy)]
pub enum Till {
    /// The needed columns, without quotes.
    Tidy,
    /// Every field in quotes; some names have commas, quotes and line breaks.
    Quoted,
    /// The needed columns among twenty that are ignored.
    Wide,
}

impl Till {
    /// All of them.
    pub const ALL: [Till; 3] = [Till::Tidy, Till::Quoted, Till::Wide];

    /// What a benchmark calls it.
    pub fn name(self) -> &'static str {
        match self {
            Till::Tidy => "tidy",
            Till::Quoted => "quoted",
            Till::Wide => "wide",
        }
    }

    /// The index of the column of the counts.
    pub fn count(self) -> usize {
        match self {
            Till::Tidy => 2,
            Till::Quoted => 3,
            Till::Wide => 15,
        }
    }

    /// A file with so many rows, each of another item.
    pub fn file(self, rows: u64) -> Vec<u8> {
        let header = match self {
            Till::Tidy => "store,item,count\n".to_owned(),
            Till::Quoted => "\"Name\",\"Item\",\"Store\",\"Count\",\"Reorder point\"\r\n".to_owned(),
            Till::Wide => {
                let ignored = |columns: std::ops::Range<u8>| -> String {
                    columns.map(|column| format!("ignored {column},")).collect()
                };
                format!("{}store,item,{}count,{}name\n", ignored(0..6), ignored(6..13), ignored(13..20))
            }
        };
        let mut file = header;
        (0..rows).for_each(|row| file += &self.row(row, quantity(row)));
        file.into_bytes()
    }

    fn row(self, row: u64, quantity: u64) -> String {
        let (store, item) = (row % 4, item(row));
        match self {
            Till::Tidy => format!("Store {store},{item},{quantity}\n"),
            Till::Quoted => {
                let name = match row % 10 {
                    0 => "Coffee, ground\r\n500 g",
                    1 => "Pan \"\"Classic\"\" 10\"\"",
                    _ => "Green tea",
                };
                format!("\"{name}\",\"{item}\",\"Store {store}\",\"{quantity}\",\"2.5\"\r\n")
            }
            Till::Wide => {
                let ignored = |columns: usize| "14999.00,".repeat(columns);
                let (before, between, after) = (ignored(6), ignored(7), ignored(7));
                format!("{before}Store {store},{item},{between}{quantity},{after}Green tea\n")
            }
        }
    }
}

/// A tidy file a day later: of every fifty items, one is sold out.
pub fn a_day_later(rows: u64) -> Vec<u8> {
    let mut file = "store,item,count\n".to_owned();
    for row in 0..rows {
        let quantity = if row % 50 == 0 { 0 } else { quantity(row) };
        file += &Till::Tidy.row(row, quantity);
    }
    file.into_bytes()
}

/// The sum of a file's counts.
pub fn sum(rows: u64) -> u64 {
    (0..rows).map(quantity).sum()
}

/// Codes that do not come in the order of their text.
fn item(row: u64) -> String {
    format!("{:07}", row * 7_919 % 10_000_000)
}

/// Never zero, so that every item starts in stock.
fn quantity(row: u64) -> u64 {
    row * 31 % 500 + 1
}
