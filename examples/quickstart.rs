//! Two files in, transitions out.

use inventory_core::{Policy, Refusal, changes, read, transitions};

fn main() -> Result<(), Refusal> {
    let monday = read(
        b"store,item,count,reorder point\n\
          Oslo,green tea,4,2\n\
          Oslo,black tea,9,3\n\
          Oslo,rooibos,0,3\n",
    )?;
    let tuesday = read(
        b"store,item,count,reorder point\n\
          Oslo,green tea,0,2\n\
          Oslo,black tea,3,3\n\
          Oslo,rooibos,12,3\n",
    )?;
    let policy = Policy::default();
    for transition in transitions(changes(&monday.levels, &tuesday.levels), &policy) {
        println!("{}: {:?}", transition.change.item, transition.kind);
    }
    Ok(())
}
