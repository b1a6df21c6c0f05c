use super::{Counted, Happened, Words};

// What a text message says is without á, í, ó and ú, which would make it one
// of 70 characters instead of 160.
pub(super) const WORDS: Words = Words {
    sold_out: Happened { heading: "AGOTADO", items: Counted { one: "{} agotado", many: "{} agotados" } },
    running_low: Happened {
        heading: "CASI AGOTADO",
        items: Counted { one: "{} casi agotado", many: "{} casi agotados" },
    },
    back_in_stock: Happened {
        heading: "DE NUEVO EN STOCK",
        items: Counted { one: "{} de nuevo en stock", many: "{} de nuevo en stock" },
    },
    comma: ", ",
    new: "nuevo",
    was: "antes {}",
    reorder_at: "pedir con {}",
    more: Counted { one: "y {} artículo más", many: "y {} artículos más" },
    from: "De {}, contado el {}",
    counted: "Contado el {}",
    more_uploads: Counted { one: "y {} archivo más", many: "y {} archivos más" },
    dashboard: "Todo el stock: {}",
    part: "parte {} de {}",
    stock: "Stock",
};
