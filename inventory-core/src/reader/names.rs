//! What headers are called: lists of names, and how two are compared.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::layout::Role;

/// Best first. What is compared is letters and digits alone, without the marks
/// on them of any script.
const STORE: &str = "store|loc|whse|whs|whs code|wh code|store code|store id|store name|store number|store no|store nbr|store num|store nr|store location|shop|shop id|location code|location id|warehouse id|outlet code|outlet id|branch id|plant|plnt|shop name|location|\
    inventory location|location name|outlet|outlet name|warehouse|warehouse name|warehouse code|branch|\
    branch name|branch code|site|fulfillment center id|sucursal|tienda|almacen|bodega|deposito|filial|loja|\
    armazem|magasin|boutique|entrepot|depot|emplacement|filiale|standort|lager|lagerort|geschaft|markt|\
    negozio|punto vendita|magazzino|winkel|vestiging|magazijn|filiaal|butik|butikk|myymala|varasto|sklep|\
    magazyn|oddzial|sklad|prodejna|pobocka|predajna|bolt|uzlet|raktar|magazin|depozit|magaza|sube|depo|\
    magazin|prodavnica|skladiste|trgovina|skladisce|магазин|склад|филиал|обект|склад|крамниця|филия|\
    καταστημα|αποθηκη|店舗|店舗名|店名|店舗コート|拠点|倉庫|门店|門市|店铺|仓库|分店|매장|매장명|지점|점포|창고|\
    สาขา|ราน|คลงสนคา|cua hang|chi nhanh|kho|toko|cabang|gudang|الفرع|المتجر|المخزن|المستودع|חנות|סניף|מחסן";
const ITEM: &str = "sku|variant sku|product code sku|sku code|item sku|product sku|seller sku|item code|item no|\
    item number|item nbr|material number|reference|ref|clave|codigo|codigo de barras|codigo do produto|cod|codice|codice articolo|\
    artikelnummer|artikelnr|artikel nr|artikelkode|art nr|artnr|artikkelnummer|varenummer|varenr|tuotekoodi|tuotenumero|\
    materialnummer|indeks|symbol|kod|kod produktu|kod zbozi|cikkszam|stok kodu|urun kodu|cod produs|sifra|\
    артикул|код|код товара|κωδικος|商品コート|商品番号|品番|商品编码|货号|商品編號|상품코드|품번|품목코드|รหสสนคา|\
    ma hang|ma san pham|kode barang|رمز الصنف|كود|מקט|barcode|bar code|code barre|code barres|codebarres|\
    codigo barras|strichcode|codice a barre|streepjescode|strekkode|streckkod|viivakoodi|kod kreskowy|\
    carovy kod|vonalkod|barkod|штрихкод|штрих код|ハーコート|jan|janコート|条码|條碼|바코드|บารโคด|\
    ean|ean13|ean code|gtin|gtin13|upc|upc code|asin|product id|itemid|item id|article id|variant id|id|handle|\
    product number|product no|part number|part no|mpn|model|code|product code|article code|article no|plu|\
    article|material|product|item|item name|product name|name|nombre|producto|produto|nom|produit|artikel|\
    bezeichnung|articolo|prodotto|vare|vara|tuote|produkt|towar|nazwa|zbozi|termek|urun|produs|proizvod|\
    товар|наименование|название|προιον|ειδος|商品|商品名|品名|商品名称|상품|상품명|품목|สนคา|san pham|ten hang|\
    barang|nama barang|الصنف|المنتج|פריט|מוצר|title|description";
const NAME: &str = "title|item name|product name|name|product title|item title|product description|item description|\
    item desc|article name|description|nombre|descripcion|nome|descricao|nom|libelle|designation|bezeichnung|\
    artikelbezeichnung|artikelname|produktname|beschreibung|descrizione|omschrijving|naam|benamning|\
    beskrivelse|varenavn|navn|nimi|tuotenimi|nimike|nazwa|nazwa produktu|nazev|nazov|megnevezes|urun adi|\
    stok adi|denumire|naziv|наименование|название|номенклатура|назва|περιγραφη|商品名|品名|名称|商品名称|品目名|\
    상품명|품명|품목명|ชอสนคา|ten hang|ten san pham|nama barang|nama produk|اسم الصنف|اسم المنتج|תיאור|שם פריט|\
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
    库存|庫存|库存数量|庫存數量|存货|재고|재고수량|재고량|수량|현재고|จานวน|คงเหลอ|จานวนคงเหลอ|สตอก|\
    so luong|ton kho|so luong ton|jumlah|jumlah stok|sisa stok|الكمية|كمية|الرصيد|المخزون|כמות|מלאי|יתרה|available";
const REORDER_POINT: &str = "reorder point|reorder|safety|reorder level|reorder pt|reorder qty level|low stock level|low stock amount|\
    stock alert count|notify on stock below|safety stock|minimum|minimum stock|min stock|min stock level|\
    stock minimum|minimum level|minimum quantity in stock|min qty|min level|min|par level|low stock threshold|\
    low stock alert|alert quantity|alert qty|reorder at|reorder threshold|punto de pedido|stock minimo|\
    existencia minima|cantidad minima|estoque minimo|minimo|ponto de pedido|seuil|seuil d alerte|\
    stock d alerte|seuil de reapprovisionnement|stock mini|mindestbestand|meldebestand|scorta minima|\
    livello di riordino|punto di riordino|minimumvoorraad|bestelpunt|bestelniveau|bestallningspunkt|\
    bestillingspunkt|minimilagersaldo|halytysraja|tilauspiste|stan minimalny|minimalni zasoba|minimum keszlet|\
    minimum stok|kritik stok|stoc minim|minimalna zaliha|минимальныи остаток|неснижаемыи остаток|\
    минимум|発注点|最低在庫|最小在庫|安全在庫|安全库存|最低库存|補貨點|안전재고|최소재고|발주점|จดสงซอ|ton toi thieu|\
    stok minimum|حد الطلب|الحد الادنى";
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

/// What a word of a header tells, a bit for each.
type Told = u16;
/// That the header is of nothing that is read.
const NEVER: Told = 1;
/// What is measured beside a stock, which may be a store's name elsewhere.
const MEASURE: Told = 1 << 1;
/// Where in a store something lies.
const SHELF: Told = 1 << 2;
const COUNTS: Told = 1 << 3;
const STORES: Told = 1 << 4;
const ITEMS: Told = 1 << 5;
/// What the name of a column of codes ends with.
const CODES: Told = 1 << 6;
const CALLS: Told = 1 << 7;
const REORDERS: Told = 1 << 8;
/// A part of an item's stock, or what it was bought by.
const PART: Told = 1 << 9;
/// What only makes the name of a column longer.
const LENGTHENS: Told = 1 << 10;

static NAMES: Table<Role, 6, 2048> = Table::new([
    (Role::Store, STORE),
    (Role::Item, ITEM),
    (Role::Count, COUNT),
    (Role::ReorderPoint, REORDER_POINT),
    (Role::Name, NAME),
    (Role::Other, OTHER),
]);

static KNOWN_WORDS: Table<Told, 11, 512> = Table::new([
    (
        NEVER,
        "new|incoming|committed|unavailable|reserved|allocated|ordered|order|sold|sales|price|cost|\
        value|amount|weight|date|max|maximum|cart|restock|transit|status|policy|tracker|enabled|discount|\
        tax|vat|unit|uom|type|category|brand|supplier|vendor|color|colour|size|currency|last|time|url|image|\
        percent|margin|preis|precio|prix|prezzo|preco|damaged|returned|backorder|backorders|backordered|\
        yesterday|previous|opening|management|manage|tracked|valor|wert|valeur|valore|pack|case|verkauft|\
        verkaufte|vendida|vendidas|vendido|vendu|vendue|venduto|transfer",
    ),
    (
        MEASURE,
        "turnover|turns|weeks|days|months|supply|cover|coverage|age|aging|ageing|ratio|rate|score|\
        rank|index|velocity|forecast|demand|facing|facings|aisle|discontinued|taxable|flag",
    ),
    (SHELF, "aisle|shelf|bin|rack|bay|row|slot|position"),
    (
        COUNTS,
        "count|qty|quantity|onhand|hand|stock|inventory|available|soh|cantidad|existencia|existencias|\
        quantidade|qtd|estoque|qte|quantite|menge|bestand|lagerbestand|giacenza|quantita|voorraad|aantal|\
        antal|ilosc|mnozstvi|keszlet|stok|stoc|kolicina|inv|количество|остаток|balance|disponible|\
        physical",
    ),
    (
        STORES,
        "store|shop|branch|warehouse|outlet|location|site|sucursal|tienda|loja|magasin|filiale|almacen|\
        depot|magazzino|negozio",
    ),
    (
        ITEMS,
        "sku|barcode|ean|gtin|upc|ean13|mpn|code|reference|codigo|codice|artikelnummer|artikelnr|\
        article|product|item|asin|isbn",
    ),
    (
        CODES,
        "no|nr|num|number|nummer|numero|id|code|sku|ref|reference|plu|ean|isbn|isbn10|isbn13|pzn|cod|\
        codigo|kod",
    ),
    (CALLS, "name|title|description|desc|bezeichnung|descripcion|designation"),
    (REORDERS, "reorder|min|minimum|minimo|minimal|low|alert|threshold|safety|notify|seuil|par"),
    (
        PART,
        "lot|batch|charge|charg|serial|serie|imei|lote|lotto|invoice|document|doc|customer|client|group|\
        department|dept|class|country|hs|tariff|phone|zip|ロット|シリアル",
    ),
    (
        LENGTHENS,
        "level|name|id|code|in|on|hand|item|policy|date|total|current|net|all|actual|no|number|per|\
        by|for|of|at|not|editable|real|my|store|shop|group|quality|description|address|city|account|asset|\
        levels|management",
    ),
]);

/// Lists of names, each by its hash. It is made when this is compiled, so that
/// the first file of a process waits for nothing.
struct Table<K: 'static, const LISTS: usize, const PLACES: usize> {
    lists: [(K, &'static str); LISTS],
    /// Each name is in the first free place from that of its hash on.
    places: [Option<Listed>; PLACES],
}

/// Where a name is in the lists.
#[derive(Clone, Copy)]
struct Listed {
    list: u16,
    rank: u16,
    start: u16,
    end: u16,
}

impl<K: Copy, const LISTS: usize, const PLACES: usize> Table<K, LISTS, PLACES> {
    #[expect(clippy::indexing_slicing, reason = "what is out of bounds does not compile")]
    const fn new(lists: [(K, &'static str); LISTS]) -> Self {
        let mut places = [None; PLACES];
        let mut list = 0;
        while (list as usize) < LISTS {
            let text = lists[list as usize].1.as_bytes();
            let (mut hash, mut rank, mut start, mut end) = (SEED, 0, 0, 0);
            while end as usize <= text.len() {
                if end as usize == text.len() || text[end as usize] == b'|' {
                    let mut place = hash as usize % PLACES;
                    while places[place].is_some() {
                        place = (place + 1) % PLACES;
                    }
                    places[place] = Some(Listed { list, rank, start, end });
                    (hash, rank, start) = (SEED, rank + 1, end + 1);
                } else {
                    hash = hashed(hash, text[end as usize]);
                }
                end += 1;
            }
            list += 1;
        }
        Table { lists, places }
    }

    /// The lists that have a name, in their order, and its rank in each.
    fn find(&self, name: &str) -> impl Iterator<Item = (K, u16)> {
        let place = name.bytes().fold(SEED, hashed) as usize % PLACES;
        let (before, from) = self.places.split_at(place);
        let listed = from.iter().chain(before).map_while(|listed| *listed);
        listed.filter_map(move |Listed { list, rank, start, end }| {
            let (of, names) = self.lists.get(usize::from(list))?;
            let known = names.get(start.into()..end.into())?.bytes().filter(|byte| *byte != b' ');
            known.eq(name.bytes()).then_some((*of, rank))
        })
    }
}

const SEED: u32 = 0x811c_9dc5;

/// Spaces between words make no difference.
const fn hashed(hash: u32, byte: u8) -> u32 {
    if byte == b' ' { hash } else { (hash ^ byte as u32).wrapping_mul(0x0100_0193) }
}

/// What a name stands for that [`compact`] made.
fn named(name: &str) -> Option<Vec<(Role, i32)>> {
    let mut roles = Vec::new();
    for (role, rank) in NAMES.find(&composed(name)) {
        if roles.iter().all(|(known, _)| *known != role) {
            roles.push((role, EXACT - i32::from(rank).min(EXACT - EXACT_AT_LEAST)));
        }
    }
    (!roles.is_empty()).then_some(roles)
}

/// With syllables of Korean, as they are written, for their letters.
fn composed(name: &str) -> Cow<'_, str> {
    if name.is_ascii() { Cow::Borrowed(name) } else { Cow::Owned(name.nfc().collect()) }
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
    NAMES.find(&composed(&compact(header))).next().is_some()
}

/// What a header may stand for, each with a score.
pub(super) fn roles(header: &str) -> Vec<(Role, i32)> {
    let full = compact(header);
    if let Some(exact) = named(&full) {
        return exact;
    }
    let base = without_brackets(header);
    if base.len() < header.len()
        && let Some(exact) = named(&compact(base))
    {
        // A remark may turn it into something else.
        let remark = words(header.get(base.len()..).unwrap_or_default());
        if told(&remark) & NEVER == 0 || remark == ["unit"] {
            return exact;
        }
        return vec![(Role::Other, WORDS)];
    }
    by_words(&words(base)).or_else(|| by_parts(&full)).unwrap_or_default()
}

/// What a word tells.
fn tells(word: &str) -> Told {
    KNOWN_WORDS.find(word).fold(0, |told, (tells, _)| told | tells)
}

/// What some words tell.
fn told(words: &[String]) -> Told {
    words.iter().fold(0, |told, word| told | tells(word))
}

/// Whether a header names a part of an item's stock, or what it was bought by.
pub(super) fn is_of_part(header: &str) -> bool {
    told(&words(header)) & (PART | SHELF) != 0
}

/// Whether a header ends as those of codes do.
pub(super) fn is_of_codes(header: &str) -> bool {
    let words = words(without_brackets(header));
    // ISBN-13 ends with a number.
    let last = words.iter().rev().find(|word| !is_number(word));
    told(&words) & NEVER == 0 && last.is_some_and(|word| tells(word) & CODES != 0)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn by_words(words: &[String]) -> Option<Vec<(Role, i32)>> {
    let told = told(words);
    let any = |known: &[&str]| words.iter().any(|word| known.contains(&&**word));
    let priced = any(&["retail"]) && !any(&["qty", "quantity", "count", "stock", "units"]);
    if told & (NEVER | MEASURE) != 0 || priced {
        return Some(vec![(Role::Other, WORDS)]);
    }
    if told & REORDERS != 0 && (told & COUNTS != 0 || any(&["level", "point", "quantity", "stock"])) {
        return Some(vec![(Role::ReorderPoint, WORDS)]);
    }
    // A numbered location is a shelf.
    let is_shelf = told & SHELF != 0 || words.iter().any(|word| is_number(word));
    let told = if is_shelf { told & !STORES } else { told };
    let of_words = [
        (COUNTS, Role::Count, WORDS),
        (STORES, Role::Store, WORDS),
        (ITEMS, Role::Item, WORDS - 20),
        (CALLS, Role::Name, WORDS),
    ];
    let told = of_words.into_iter().filter(|(tells, ..)| told & tells != 0);
    let roles: Vec<_> = told.map(|(_, role, score)| (role, score)).collect();
    (!roles.is_empty()).then_some(roles)
}

/// What a header has a part of whose words have no spaces between them. The
/// first that fits: 発注点 is a reorder point, 発注 alone an order.
const PARTS: [(Role, &str); 6] = [
    (Role::ReorderPoint, "発注点|安全在庫|最低在庫|最小在庫|安全库存|안전재고|최소재고"),
    (
        Role::Other,
        "受注|発注|入荷|出荷|単価|価格|金額|原価|売価|価格|售价|单价|가격|단가|입고|출고|更新|日付|日時|区分|引当",
    ),
    (Role::Store, "店舗|店名|倉庫|门店|仓库|매장|지점|창고"),
    (Role::Count, "在庫|库存|庫存|재고|数量|수량"),
    (Role::Item, "コート|品番|編碼|编码|编号|코드|품번"),
    (Role::Name, "商品名|品名|名称|상품명|품명"),
];

fn by_parts(full: &str) -> Option<Vec<(Role, i32)>> {
    if full.is_ascii() {
        return None;
    }
    // Of Korean, the letters are compared.
    let is_korean = full.contains(|letter| matches!(letter, '\u{1100}'..='\u{11ff}'));
    let has =
        |part: &str| full.contains(part) || is_korean && full.contains(&*part.nfd().collect::<String>());
    let (role, _) = PARTS.iter().find(|(_, parts)| parts.split('|').any(has))?;
    Some(vec![(*role, WORDS)])
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
    let words = words(name);
    let [first, others @ ..] = &*words else { return false };
    let is_plain = |word: &String| {
        tells(word) & (LENGTHENS | NEVER | MEASURE | REORDERS) != 0
            || (word == "retail" && !others.is_empty())
            || is_number(word)
    };
    let is_stock = first == "stock" && others.is_empty();
    !["of", "in", "per", "by", "for", "on"].contains(&&**first)
        && !words.iter().all(is_plain)
        && (is_stock || told(&words) & COUNTS == 0)
        && tells(first) & NEVER == 0
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

/// What a row that adds up the others is called.
const TOTALS: [&str; 32] = [
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
    "총계",
];

/// Whether an item is called as a row is that adds up the others.
#[inline(always)]
pub(super) fn is_total(item: &str) -> bool {
    // Nearly all codes end with a digit.
    !item.as_bytes().last().is_some_and(u8::is_ascii_digit) && is_named_total(item)
}

fn is_named_total(item: &str) -> bool {
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
    composed(&compact(item)) == name
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
    fn what_is_known_is_written_as_it_is_compared() {
        let names = NAMES.lists.iter().map(|(_, names)| *names);
        let words = KNOWN_WORDS.lists.iter().map(|(_, words)| *words);
        let parts = PARTS.iter().map(|(_, parts)| *parts);
        for name in names.chain(words).chain(parts).flat_map(|known| known.split('|')) {
            assert_eq!(composed(&compact(name)), name.replace(' ', ""), "{name}");
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
        check("バーコード", Some(Role::Item));
        check("仕入先コード", Some(Role::Item));
        check("현재재고현황", Some(Role::Count));
        check("จำนวนคงเหลือ", Some(Role::Count));
        check("受注数", Some(Role::Other));
        check("Low stock level", Some(Role::ReorderPoint));
    }

    #[test]
    fn a_total_is_told_in_any_alphabet() {
        for total in TOTALS {
            assert!(is_total(total), "{total}");
        }
        for total in ["Grand Total:", "총 계", "Итого"] {
            assert!(is_total(total), "{total}");
        }
        assert!(!is_total("Total 2") && !is_total("totally"));
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
