//! What headers are called: a table of words, and how two are compared.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::RandomState;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::layout::Role;

/// Best first. What is compared is letters and digits alone.
const STORE: &str = "store|loc|whse|whs|whs code|wh code|store code|store id|store name|store number|store no|store nbr|store num|store nr|store location|shop|shop id|location code|location id|warehouse id|outlet code|outlet id|branch id|plant|plnt|shop name|location|\
    inventory location|location name|outlet|outlet name|warehouse|warehouse name|warehouse code|branch|\
    branch name|branch code|site|fulfillment center id|sucursal|tienda|almacen|bodega|deposito|filial|loja|\
    armazem|magasin|boutique|entrepot|depot|emplacement|filiale|standort|lager|lagerort|geschaft|markt|\
    negozio|punto vendita|magazzino|winkel|vestiging|magazijn|filiaal|butik|butikk|myymala|varasto|sklep|\
    magazyn|oddzial|sklad|prodejna|pobocka|predajna|bolt|uzlet|raktar|magazin|depozit|magaza|sube|depo|\
    magazin|prodavnica|skladiste|trgovina|skladisce|магазин|склад|филиал|обект|склад|крамниця|филия|\
    καταστημα|αποθηκη|店舗|店舗名|店名|店舗コード|拠点|倉庫|门店|門市|店铺|仓库|分店|매장|매장명|지점|점포|창고|\
    สาขา|ร้าน|คลังสินค้า|cua hang|chi nhanh|kho|toko|cabang|gudang|الفرع|المتجر|المخزن|المستودع|חנות|סניף|מחסן";
const ITEM: &str = "sku|variant sku|product code sku|sku code|item sku|product sku|seller sku|item code|item no|\
    item number|item nbr|material number|reference|ref|clave|codigo|codigo de barras|codigo do produto|cod|codice|codice articolo|\
    artikelnummer|artikelnr|artikel nr|artikelkode|art nr|artnr|artikkelnummer|varenummer|varenr|tuotekoodi|tuotenumero|\
    materialnummer|indeks|symbol|kod|kod produktu|kod zbozi|cikkszam|stok kodu|urun kodu|cod produs|sifra|\
    артикул|код|код товара|κωδικος|商品コード|商品番号|品番|商品编码|货号|商品編號|상품코드|품번|품목코드|รหัสสินค้า|\
    ma hang|ma san pham|kode barang|رمز الصنف|كود|מקט|barcode|bar code|code barre|code barres|codebarres|\
    codigo barras|strichcode|codice a barre|streepjescode|strekkode|streckkod|viivakoodi|kod kreskowy|\
    carovy kod|vonalkod|barkod|штрихкод|штрих код|バーコード|jan|janコード|条码|條碼|바코드|บาร์โค้ด|\
    ean|ean13|ean code|gtin|gtin13|upc|upc code|asin|product id|itemid|item id|article id|variant id|id|handle|\
    product number|product no|part number|part no|mpn|model|code|product code|article code|article no|plu|\
    article|material|product|item|item name|product name|name|nombre|producto|produto|nom|produit|artikel|\
    bezeichnung|articolo|prodotto|vare|vara|tuote|produkt|towar|nazwa|zbozi|termek|urun|produs|proizvod|\
    товар|наименование|название|προιον|ειδος|商品|商品名|品名|商品名称|상품|상품명|품목|สินค้า|san pham|ten hang|\
    barang|nama barang|الصنف|المنتج|פריט|מוצר|title|description";
const NAME: &str = "title|item name|product name|name|product title|item title|product description|item description|\
    item desc|article name|description|nombre|descripcion|nome|descricao|nom|libelle|designation|bezeichnung|\
    artikelbezeichnung|artikelname|produktname|beschreibung|descrizione|omschrijving|naam|benamning|\
    beskrivelse|varenavn|navn|nimi|tuotenimi|nimike|nazwa|nazwa produktu|nazev|nazov|megnevezes|urun adi|\
    stok adi|denumire|naziv|наименование|название|номенклатура|назва|περιγραφη|商品名|品名|名称|商品名称|品目名|\
    상품명|품명|품목명|ชื่อสินค้า|ten hang|ten san pham|nama barang|nama produk|اسم الصنف|اسم المنتج|תיאור|שם פריט|\
    product|produto|producto|produit|artikel|produkt|item|variation name";
const COUNT: &str = "count|qty|quantity|quantity in stock|on hand|on hand current|stock on hand|inventory level|\
    current stock level|current quantity|inventoried quantity|stock|inv|qty on hand|quantity on hand|onhand qty|\
    on hand qty|on hand quantity|stock qty|stock quantity|stock level|current stock|in stock qty|qty in stock|\
    inventory quantity|variant inventory qty|inventory qty|inventory|soh|physical stock|stock count|counted|\
    counted quantity|available quantity|quantity available|qty available|available qty|available stock|\
    closing stock|closing qty|ending inventory|balance|unrestricted|unrestricted stock|unrestricted use stock|units in stock|units on hand|units|pieces|pcs|\
    cantidad|existencia|existencias|cantidad en existencia|inventario|stock actual|quantidade|qtd|qtde|estoque|\
    estoque atual|saldo|saldo em estoque|qte|quantite|qte en stock|quantite en stock|stock disponible|\
    stock physique|en stock|menge|istmenge|istbestand|bestand|lagerbestand|stuck|stuckzahl|anzahl|verfugbar|verfugbarer bestand|\
    quantita|qta|giacenza|esistenza|disponibilita|rimanenza|voorraad|aantal|hoeveelheid|antal|antall|\
    beholdning|lagerbeholdning|lagersaldo|lagerantal|maara|varastosaldo|saldo|ilosc|stan|stan magazynowy|\
    mnozstvi|mnozstvo|pocet|pocet kusu|skladem|skladom|zasoba|keszlet|mennyiseg|darab|miktar|stok|stok miktari|\
    adet|mevcut|cantitate|stoc|kolicina|zaliha|zaloga|stanje|количество|кол во|остаток|остатки|запас|наличие|\
    наличност|количина|кількість|залишок|ποσοτητα|αποθεμα|υπολοιπο|数量|在庫|在庫数|在庫数量|現在庫|現在庫数|\
    库存|庫存|库存数量|庫存數量|存货|재고|재고수량|재고량|수량|현재고|จำนวน|คงเหลือ|จำนวนคงเหลือ|สต็อก|\
    so luong|ton kho|so luong ton|jumlah|jumlah stok|sisa stok|الكمية|كمية|الرصيد|المخزون|כמות|מלאי|יתרה|available";
const REORDER_POINT: &str = "reorder point|reorder|safety|reorder level|reorder pt|reorder qty level|low stock level|low stock amount|\
    stock alert count|notify on stock below|safety stock|minimum|minimum stock|min stock|min stock level|\
    stock minimum|minimum level|minimum quantity in stock|min qty|min level|min|par level|low stock threshold|\
    low stock alert|alert quantity|alert qty|reorder at|reorder threshold|punto de pedido|stock minimo|\
    existencia minima|cantidad minima|estoque minimo|minimo|ponto de pedido|seuil|seuil d alerte|\
    stock d alerte|seuil de reapprovisionnement|stock mini|mindestbestand|meldebestand|scorta minima|\
    livello di riordino|punto di riordino|minimumvoorraad|bestelpunt|bestelniveau|bestallningspunkt|\
    bestillingspunkt|minimilagersaldo|halytysraja|tilauspiste|stan minimalny|minimalni zasoba|minimum keszlet|\
    minimum stok|kritik stok|stoc minim|minimalna zaliha|минимальный остаток|неснижаемый остаток|\
    минимум|発注点|最低在庫|最小在庫|安全在庫|安全库存|最低库存|補貨點|안전재고|최소재고|발주점|จุดสั่งซื้อ|ton toi thieu|\
    stok minimum|حد الطلب|الحد الأدنى";
/// Known, and none of the others.
const OTHER: &str = "total|grand total|sum|summe|gesamt|totaal|suma|totale|合計|总计|合计|합계|итого|всего|on hand new|new quantity|qty new|incoming|incoming not editable|committed|\
    committed not editable|unavailable|unavailable not editable|minimal quantity|min cart qty|max cart qty|\
    min sale qty|max sale qty|restock level|restock qty|reorder quantity|reorder qty|order quantity|price|cost|\
    in stock|is in stock|受注|受注数|発注数|入荷予定|単価|価格|金額|售价|价格|单价|가격|단가|preis|einzelpreis|prix|precio|\
    preco|valor|prezzo|prijs|pris|hinta|cena|ar|fiyat|pret|цена|τιμη|ราคา|gia|harga|السعر|מחיר|mwst|ust|vat|tax|iva|\
    tva|weight|gewicht|peso|poids|type|category|kategorie|categoria|categorie|brand|vendor|supplier|status|unit|uom|einheit|\
    unidad|unite|date|datum|fecha|data|hs code|coo|bin name|bin|currency|discount|option1 name|option1 value|\
    option2 name|option2 value|option3 name|option3 value|pos|position|line|row|no|nr|rank|year|size|color|colour|\
    in store|in store pickup|store pickup|store view code|store view|warehouse condition code|shelf life|\
    sollmenge|sollbestand|soll|availability|condition|active|enabled|published|visible|notes|comment|sold|sales|on order|max stock|maximum|\
    width|height|length|depth|country|currency code|rating|shipping|token|gtin type|product id type|item condition|\
    add delete|facing|facings|aisle|shelf|bay|rack|score|discontinued|taxable|priority|grade|class|lead time|moq|\
    case pack|pack size|will ship internationally|expedited shipping|item note";

const NEVER_WORDS: &[&str] = &[
    "new",
    "incoming",
    "committed",
    "unavailable",
    "reserved",
    "allocated",
    "ordered",
    "order",
    "sold",
    "sales",
    "price",
    "cost",
    "value",
    "amount",
    "weight",
    "date",
    "max",
    "maximum",
    "cart",
    "restock",
    "transit",
    "status",
    "policy",
    "tracker",
    "enabled",
    "discount",
    "tax",
    "vat",
    "unit",
    "uom",
    "type",
    "category",
    "brand",
    "supplier",
    "vendor",
    "color",
    "colour",
    "size",
    "currency",
    "last",
    "time",
    "url",
    "image",
    "percent",
    "margin",
    "preis",
    "precio",
    "prix",
    "prezzo",
    "preco",
    "damaged",
    "returned",
    "backorder",
    "backorders",
    "backordered",
    "yesterday",
    "previous",
    "opening",
    "management",
    "manage",
    "tracked",
    "valor",
    "wert",
    "valeur",
    "valore",
    "pack",
    "case",
    "verkauft",
    "verkaufte",
    "vendida",
    "vendidas",
    "vendido",
    "vendu",
    "vendue",
    "venduto",
    "transfer",
];
/// What is measured beside a stock, which may be a store's name elsewhere.
const MEASURE_WORDS: &[&str] = &[
    "turnover",
    "turns",
    "weeks",
    "days",
    "months",
    "supply",
    "cover",
    "coverage",
    "age",
    "aging",
    "ageing",
    "ratio",
    "rate",
    "score",
    "rank",
    "index",
    "velocity",
    "forecast",
    "demand",
    "facing",
    "facings",
    "aisle",
    "discontinued",
    "taxable",
    "flag",
];
/// Where in a store something lies.
const SHELF_WORDS: &[&str] = &["aisle", "shelf", "bin", "rack", "bay", "row", "slot", "position"];
const COUNT_WORDS: &[&str] = &[
    "count",
    "qty",
    "quantity",
    "onhand",
    "hand",
    "stock",
    "inventory",
    "available",
    "soh",
    "cantidad",
    "existencia",
    "existencias",
    "quantidade",
    "qtd",
    "estoque",
    "qte",
    "quantite",
    "menge",
    "bestand",
    "lagerbestand",
    "giacenza",
    "quantita",
    "voorraad",
    "aantal",
    "antal",
    "ilosc",
    "mnozstvi",
    "keszlet",
    "stok",
    "stoc",
    "kolicina",
    "inv",
    "количество",
    "остаток",
    "balance",
    "disponible",
    "physical",
];
const STORE_WORDS: &[&str] = &[
    "store",
    "shop",
    "branch",
    "warehouse",
    "outlet",
    "location",
    "site",
    "sucursal",
    "tienda",
    "loja",
    "magasin",
    "filiale",
    "almacen",
    "depot",
    "magazzino",
    "negozio",
];
const ITEM_WORDS: &[&str] = &[
    "sku",
    "barcode",
    "ean",
    "gtin",
    "upc",
    "ean13",
    "mpn",
    "code",
    "reference",
    "codigo",
    "codice",
    "artikelnummer",
    "artikelnr",
    "article",
    "product",
    "item",
    "asin",
    "isbn",
];
/// What the name of a column of codes ends with.
const CODE_WORDS: &[&str] = &[
    "no",
    "nr",
    "num",
    "number",
    "nummer",
    "numero",
    "id",
    "code",
    "sku",
    "ref",
    "reference",
    "plu",
    "ean",
    "isbn",
    "isbn10",
    "isbn13",
    "pzn",
    "cod",
    "codigo",
    "kod",
    "コード",
];
const NAME_WORDS: &[&str] =
    &["name", "title", "description", "desc", "bezeichnung", "descripcion", "designation"];
const REORDER_WORDS: &[&str] = &[
    "reorder",
    "min",
    "minimum",
    "minimo",
    "minimal",
    "low",
    "alert",
    "threshold",
    "safety",
    "notify",
    "seuil",
    "par",
];

type Named = HashMap<String, Vec<(Role, i32)>, RandomState>;

/// The names in letters of ASCII, and all others: these take ten times as long
/// to compare without case and accents, and few files need them.
static NAMED: [LazyLock<Named>; 2] = [LazyLock::new(|| table(true)), LazyLock::new(|| table(false))];

fn table(is_ascii: bool) -> Named {
    let tables = [
        (Role::Store, STORE),
        (Role::Item, ITEM),
        (Role::Count, COUNT),
        (Role::ReorderPoint, REORDER_POINT),
        (Role::Name, NAME),
        (Role::Other, OTHER),
    ];
    let mut named = Named::with_capacity_and_hasher(1000, RandomState::default());
    for (role, table) in tables {
        for (rank, name) in (0..).zip(table.split('|')).filter(|(_, name)| name.is_ascii() == is_ascii) {
            let roles = named.entry(compact(name)).or_default();
            if roles.iter().all(|(known, _)| *known != role) {
                roles.push((role, EXACT - rank.min(EXACT - EXACT_AT_LEAST)));
            }
        }
    }
    named
}

/// What a name stands for that [`compact`] made.
fn named(name: &str) -> Option<&'static Vec<(Role, i32)>> {
    let [ascii, others] = &NAMED;
    if name.is_ascii() { ascii.get(name) } else { others.get(name) }
}

/// The score of the best name of a role.
pub(super) const EXACT: i32 = 1000;
/// A name of the table has at least this.
pub(super) const EXACT_AT_LEAST: i32 = 700;
/// A name of which some words are known.
pub(super) const WORDS: i32 = 400;

/// A header's letters and digits, without case and accents.
pub(super) fn compact(text: &str) -> String {
    if text.is_ascii() {
        let letters = text.bytes().filter(u8::is_ascii_alphanumeric);
        let mut compact = String::with_capacity(text.len());
        compact.extend(letters.map(|byte| char::from(byte.to_ascii_lowercase())));
        return compact;
    }
    let letters = text.nfkd().filter(|&c| c.is_alphanumeric() && !is_combining_mark(c));
    letters.flat_map(char::to_lowercase).map(plain).collect()
}

/// A letter without the accent that does not come off by itself.
fn plain(letter: char) -> char {
    match letter {
        'ı' => 'i',
        'ł' => 'l',
        'ø' => 'o',
        'đ' => 'd',
        other => other,
    }
}

/// A text in quotes, fit for a sentence.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace(char::is_control, " "))
}

/// A header without what stands in brackets at its end.
fn without_brackets(header: &str) -> &str {
    let trimmed = header.trim();
    let closed = trimmed.ends_with([')', ']', '）', '}']);
    match trimmed.rfind(['(', '[', '（', '{']) {
        Some(open) if closed && open > 0 => trimmed.get(..open).unwrap_or(trimmed),
        _ => trimmed,
    }
}

/// The words of a header, compared as [`compact`] does.
fn words(header: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(header.len() + 4);
    let mut lower = false;
    for c in header.chars() {
        if c.is_uppercase() && lower {
            spaced.push(' ');
        }
        lower = c.is_lowercase();
        spaced.push(c);
    }
    let words = spaced.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
    words.map(compact).filter(|word| !word.is_empty()).collect()
}

/// Whether a header is a known name, and not one that is longer.
pub(super) fn is_known(header: &str) -> bool {
    named(&compact(header)).is_some()
}

/// What a header may stand for, each with a score.
pub(super) fn roles(header: &str) -> Vec<(Role, i32)> {
    let full = compact(header);
    if let Some(exact) = named(&full) {
        return exact.clone();
    }
    let base = without_brackets(header);
    if let Some(exact) = named(&compact(base)) {
        // A remark may turn it into something else.
        let remark = words(header.get(base.len()..).unwrap_or_default());
        if !remark.iter().any(|word| NEVER_WORDS.contains(&&**word)) || remark == ["unit"] {
            return exact.clone();
        }
        return vec![(Role::Other, WORDS)];
    }
    by_words(&words(base)).or_else(|| by_ideographs(&full)).unwrap_or_default()
}

/// Whether a header names a part of an item's stock, or what it was bought by.
pub(super) fn is_of_part(header: &str) -> bool {
    const PART_WORDS: &[&str] = &[
        "lot",
        "batch",
        "charge",
        "charg",
        "serial",
        "serie",
        "imei",
        "lote",
        "lotto",
        "invoice",
        "document",
        "doc",
        "customer",
        "client",
        "group",
        "department",
        "dept",
        "class",
        "country",
        "hs",
        "tariff",
        "phone",
        "zip",
        "ロット",
        "シリアル",
    ];
    words(header).iter().any(|word| PART_WORDS.contains(&&**word) || SHELF_WORDS.contains(&&**word))
}

/// Whether a header ends as those of codes do.
pub(super) fn is_of_codes(header: &str) -> bool {
    let words = words(without_brackets(header));
    let is_never = words.iter().any(|word| NEVER_WORDS.contains(&&**word));
    // ISBN-13 ends with a number.
    let last = words.iter().rev().find(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
    !is_never && last.is_some_and(|word| CODE_WORDS.contains(&&**word))
}

fn by_words(words: &[String]) -> Option<Vec<(Role, i32)>> {
    let any = |known: &[&str]| words.iter().any(|word| known.contains(&&**word));
    let priced = any(&["retail"]) && !any(&["qty", "quantity", "count", "stock", "units"]);
    if any(NEVER_WORDS) || any(MEASURE_WORDS) || priced {
        return Some(vec![(Role::Other, WORDS)]);
    }
    if any(REORDER_WORDS) && (any(COUNT_WORDS) || any(&["level", "point", "quantity", "stock"])) {
        return Some(vec![(Role::ReorderPoint, WORDS)]);
    }
    let mut roles = Vec::new();
    let mut add = |role, known, score| {
        if any(known) {
            roles.push((role, score));
        }
    };
    add(Role::Count, COUNT_WORDS, WORDS);
    // A numbered location is a shelf.
    if !any(SHELF_WORDS) && !words.iter().any(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
        add(Role::Store, STORE_WORDS, WORDS);
    }
    add(Role::Item, ITEM_WORDS, WORDS - 20);
    add(Role::Name, NAME_WORDS, WORDS);
    (!roles.is_empty()).then_some(roles)
}

/// Where words have no spaces between them, a known one within a header says
/// much.
fn by_ideographs(full: &str) -> Option<Vec<(Role, i32)>> {
    // The first that fits: 発注点 is a reorder point, 発注 alone an order.
    const PARTS: [(Role, &str); 6] = [
        (Role::ReorderPoint, "発注点|安全在庫|最低在庫|最小在庫|安全库存|안전재고|최소재고"),
        (
            Role::Other,
            "受注|発注|入荷|出荷|単価|価格|金額|原価|売価|価格|售价|单价|가격|단가|입고|출고|更新|日付|日時|区分|引当",
        ),
        (Role::Store, "店舗|店名|倉庫|门店|仓库|매장|지점|창고"),
        (Role::Count, "在庫|库存|庫存|재고|数量|수량"),
        (Role::Item, "コード|品番|編碼|编码|编号|코드|품번"),
        (Role::Name, "商品名|品名|名称|상품명|품명"),
    ];
    if full.is_ascii() {
        return None;
    }
    for (role, parts) in PARTS {
        if parts.split('|').any(|part| full.contains(&*compact(part))) {
            return Some(vec![(role, WORDS)]);
        }
    }
    None
}

/// What a column of one store stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfStore {
    Count,
    ReorderPoint,
}

/// Whether a till is known that names its columns so, or it may be chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Custom {
    Known,
    Perhaps,
}

/// A header such as `inventory_Oslo`: what it stands for and for which store.
pub(super) fn of_store(header: &str) -> Option<(OfStore, Custom, String)> {
    use Custom::{Known, Perhaps};
    const PREFIXES: [(&str, OfStore, Custom); 16] = [
        ("instock", OfStore::Count, Known),
        ("lowstock", OfStore::ReorderPoint, Known),
        ("currentquantity", OfStore::Count, Known),
        ("inventory", OfStore::Count, Known),
        ("location", OfStore::Count, Known),
        ("stockalertcount", OfStore::ReorderPoint, Known),
        ("reorderpoint", OfStore::ReorderPoint, Known),
        ("reorderlevel", OfStore::ReorderPoint, Known),
        ("onhand", OfStore::Count, Known),
        ("stockonhand", OfStore::Count, Perhaps),
        ("stock", OfStore::Count, Perhaps),
        ("quantity", OfStore::Count, Perhaps),
        ("qty", OfStore::Count, Perhaps),
        ("available", OfStore::Count, Perhaps),
        ("bestand", OfStore::Count, Perhaps),
        ("estoque", OfStore::Count, Perhaps),
    ];
    const SUFFIXES: [&str; 8] =
        [" qty", " quantity", " stock", " on hand", " count", " bestand", " inventory", " estoque"];
    let header = header.trim();
    if is_known(header) {
        return None;
    }
    for (prefix, what, custom) in PREFIXES {
        if let Some(store) = strip_prefix(header, prefix).filter(|store| is_store(store)) {
            // What is in brackets is a unit as often, and this a price.
            let unit = header.ends_with([')', ']']) && prefix != "instock";
            let price = compact(store) == "retail";
            return Some((what, if unit || price { Perhaps } else { custom }, store.to_owned()));
        }
    }
    let lower = header.to_ascii_lowercase();
    let suffix = SUFFIXES.iter().find(|suffix| lower.ends_with(**suffix))?;
    let store = header.get(..header.len() - suffix.len())?.trim_matches([' ', '-', '_', ':']);
    is_store(store).then(|| (OfStore::Count, Perhaps, store.to_owned()))
}

/// Not a number, as of a shelf, and not a word that only makes the name of a
/// column longer.
fn is_store(name: &str) -> bool {
    const VOCABULARY: &[&str] = &[
        "level",
        "name",
        "id",
        "code",
        "in",
        "on",
        "hand",
        "item",
        "policy",
        "date",
        "total",
        "current",
        "net",
        "all",
        "actual",
        "no",
        "number",
        "per",
        "by",
        "for",
        "of",
        "at",
        "not",
        "editable",
        "current",
        "real",
        "my",
        "store",
        "shop",
        "group",
        "quality",
        "description",
        "address",
        "city",
        "account",
        "asset",
        "levels",
        "management",
    ];
    let words = words(name);
    let longer = |word: &String| ["of", "in", "per", "by", "for", "on"].contains(&&**word);
    if words.first().is_some_and(longer) {
        return false;
    }
    let plain = |word: &String| {
        let known = |table: &[&str]| table.contains(&&**word);
        known(VOCABULARY)
            || known(NEVER_WORDS)
            || known(MEASURE_WORDS)
            || (word == "retail" && words.len() > 1)
            || known(REORDER_WORDS)
            || word.bytes().all(|b| b.is_ascii_digit())
    };
    let stock = words.len() == 1 && words.first().is_some_and(|word| word == "stock");
    !words.is_empty()
        && !words.iter().all(plain)
        && (stock || !words.iter().any(|w| COUNT_WORDS.contains(&&**w)))
        && !words.first().is_some_and(|word| NEVER_WORDS.contains(&&**word))
}

/// What follows a prefix, whose words may stand apart or not.
fn strip_prefix<'a>(header: &'a str, prefix: &str) -> Option<&'a str> {
    const BETWEEN: [char; 8] = [' ', '_', '-', ':', '(', '[', '.', '/'];
    let mut wanted = prefix.chars().peekable();
    for (at, c) in header.char_indices() {
        let Some(next) = wanted.peek() else {
            let rest = header.get(at..)?;
            let name = rest.strip_prefix(BETWEEN)?.trim_start_matches([' ', '-']);
            let opened = name.strip_prefix(['(', '[']).or(rest.starts_with(['(', '[']).then_some(name));
            return Some(opened.map_or(name, |name| name.trim_end_matches([')', ']'])));
        };
        if c.to_ascii_lowercase() == *next {
            wanted.next();
        } else if !BETWEEN.contains(&c) {
            return None;
        }
    }
    None
}

/// Words in the place of a count that say it is none, and no mistake.
pub(super) fn is_untracked(text: &str) -> bool {
    const UNTRACKED: [&str; 5] = ["not stocked", "not tracked", "untracked", "n/a", "not applicable"];
    UNTRACKED.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether an item is called as a row is that adds up the others.
#[inline(always)]
pub(super) fn is_total(item: &str) -> bool {
    // Nearly all codes end with a digit.
    !item.as_bytes().last().is_some_and(u8::is_ascii_digit) && is_named_total(item)
}

fn is_named_total(item: &str) -> bool {
    const TOTALS: &[&str] = &[
        "total",
        "totals",
        "totalgeral",
        "totalstock",
        "totalqty",
        "reporttotal",
        "합계",
        "grandtotal",
        "subtotal",
        "sum",
        "summe",
        "gesamt",
        "gesamtsumme",
        "zwischensumme",
        "totaal",
        "suma",
        "soma",
        "somme",
        "totale",
        "totalt",
        "totalgeneral",
        "sumatotal",
        "razem",
        "celkem",
        "итого",
        "всего",
        "合計",
        "小計",
        "总计",
        "合计",
        "總計",
        "합계",
        "총계",
    ];
    const LONGEST: usize = 24;
    item.len() <= LONGEST
        && !item.bytes().any(|byte| byte.is_ascii_digit())
        && TOTALS.iter().any(|total| is_called(item, total))
}

fn is_called(item: &str, name: &str) -> bool {
    if item.is_ascii() {
        let letters = item.bytes().filter(u8::is_ascii_alphanumeric);
        return letters.map(|byte| byte.to_ascii_lowercase()).eq(name.bytes());
    }
    compact(item) == name
}

/// A zero as accountants write it, or nothing at all.
pub(super) fn is_dash(text: &str) -> bool {
    matches!(text, "-" | "\u{2013}" | "\u{2014}" | "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expect: Option<Role>) {
        let best = roles(header).into_iter().max_by_key(|(_, score)| *score).map(|(role, _)| role);
        assert_eq!(best, expect, "{header}");
    }

    #[test]
    fn each_name_is_in_the_table_of_its_letters() {
        for (table, is_ascii) in NAMED.iter().zip([true, false]) {
            assert!(table.keys().all(|name| name.is_ascii() == is_ascii));
        }
    }

    #[test]
    fn names_compare_without_case_accents_marks_and_remarks() {
        check("Quantité", Some(Role::Count));
        check("On hand (current)", Some(Role::Count));
        check("On hand (new)", Some(Role::Other));
        check("Menge (kg)", Some(Role::Count));
        check("STORE_CODE", Some(Role::Store));
        check("Reference #", Some(Role::Item));
        check("Product Code/SKU", Some(Role::Item));
        check("在庫数", Some(Role::Count));
        check("재고수량", Some(Role::Count));
        check("受注数", Some(Role::Other));
        check("Low stock level", Some(Role::ReorderPoint));
    }

    #[test]
    fn some_words_of_a_header_may_be_enough() {
        check("QtyOnHandToday", Some(Role::Count));
        check("Qty sold", Some(Role::Other));
        check("Stock value", Some(Role::Other));
        check("Min. stock qty", Some(Role::ReorderPoint));
        check("Zzyzx", None);
    }

    #[test]
    fn a_column_of_one_store_is_told_from_a_longer_name() {
        let store = |header| of_store(header).map(|(_, _, store)| store);
        assert_eq!(store("inventory_Main Outlet").as_deref(), Some("Main Outlet"));
        assert_eq!(store("Current Quantity Oslo (West)").as_deref(), Some("Oslo (West)"));
        assert_eq!(store("Location_1"), None);
        assert_eq!(store("Inventory level"), None);
        assert_eq!(store("Quantity in stock"), None);
        assert_eq!(store("Lyon Stock").as_deref(), Some("Lyon"));
        assert_eq!(store("New Quantity Oslo"), None);
        assert_eq!(store("location_stock").as_deref(), Some("stock"));
    }
}
