//! A list of any length: only the rows in view exist in the page. Rows have one fixed height.
//!
//! Keyboard: j, k, arrows, Page Up/Down, Home, End move; Enter opens. Screen readers see a list box with the true size.

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use std::hash::Hash;
use std::ops::Range;
use std::sync::Arc;

/// Rows drawn beyond each edge of the view.
const OVERSCAN: usize = 6;

/// Draws the rows of `items` that are in view. It fills the height of its surroundings and scrolls by itself.
#[component]
pub fn VirtualList<T, K, V>(
    #[prop(into)] label: TextProp,
    #[prop(into)] items: Signal<Arc<Vec<T>>>,
    /// What tells items apart.
    key: fn(&T) -> K,
    /// Draws one item.
    row: impl Fn(&T) -> V + Send + Sync + 'static,
    /// Pixels per row; at least 44.
    #[prop(default = 64)]
    row_height: u32,
    #[prop(into)] on_open: Callback<(T,)>,
    /// The item shown beside the list.
    #[prop(optional, into)]
    selected: Signal<Option<K>>,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: Clone + PartialEq + Eq + Hash + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let view = NodeRef::<Div>::new();
    let scroll_top = RwSignal::new(0_i32);
    let height = RwSignal::new(800_i32);
    let cursor = RwSignal::new(None::<usize>);
    let count = Memo::new(move |_| items.with(|items| items.len()));
    let window = Memo::new(move |_| rows_in_view(scroll_top.get(), height.get(), row_height, count.get()));
    let row = Arc::new(row);
    let list_id = format!("list-{}", uuid::Uuid::now_v7().simple());

    let measure = move || {
        if let Some(view) = view.get_untracked() {
            height.set(view.client_height());
            scroll_top.set(view.scroll_top());
        }
    };
    Effect::new(move |_| {
        if view.get().is_some() {
            measure();
        }
    });
    let resized = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());

    let show = move |index: usize| {
        cursor.set(Some(index));
        if let Some(view) = view.get_untracked() {
            view.set_scroll_top(scroll_to_show(index, view.scroll_top(), view.client_height(), row_height));
        }
    };
    let open = move |index: usize| {
        if let Some(item) = items.with_untracked(|items| items.get(index).cloned()) {
            cursor.set(Some(index));
            on_open.run((item,));
        }
    };
    let pressed = move |event: ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let page = usize::try_from(height.get_untracked()).unwrap_or(0) / row_height.max(1) as usize;
        let (at, last) = (cursor.get_untracked(), count.get_untracked().saturating_sub(1));
        if event.key() == "Enter" {
            if let Some(index) = at {
                event.prevent_default();
                open(index);
            }
        } else if let Some(next) = next_row(&event.key(), at, last, page) {
            event.prevent_default();
            event.stop_propagation();
            show(next);
        }
    };

    let active_id = {
        let list_id = list_id.clone();
        move || cursor.get().filter(|index| window.get().contains(index)).map(|index| format!("{list_id}-{index}"))
    };
    let draw = move |(index, own): (usize, K)| {
        let id = format!("{list_id}-{index}");
        let item = Memo::new(move |_| items.with(|items| items.get(index).cloned()));
        let is_selected = move || selected.with(|selected| selected.as_ref() == Some(&own));
        let row = Arc::clone(&row);
        view! {
            <div
                class="virtual-row"
                role="option"
                id=id
                class:at-cursor=move || cursor.get() == Some(index)
                aria-selected=move || is_selected().to_string()
                aria-posinset=(index + 1).to_string()
                aria-setsize=move || count.get().to_string()
                style:height=format!("{row_height}px")
                style:transform=format!("translateY({}px)", index * row_height as usize)
                on:click=move |_| open(index)
            >
                {move || item.get().map(|item| row(&item))}
            </div>
        }
    };
    let drawn = move || {
        let range = window.get();
        items.with(|items| range.filter_map(|index| items.get(index).map(|item| (index, key(item)))).collect::<Vec<_>>())
    };
    view! {
        <div
            class="virtual-list"
            node_ref=view
            role="listbox"
            tabindex="0"
            data-virtual-list
            aria-label=move || label.get().to_string()
            aria-activedescendant=active_id
            data-testid=(!test_id.is_empty()).then_some(test_id)
            on:scroll=move |_| measure()
            on:keydown=pressed
            on:focus=move |_| {
                if cursor.get_untracked().is_none() && count.get_untracked() > 0 {
                    cursor.set(Some(window.get_untracked().start.min(count.get_untracked() - 1)));
                }
            }
        >
            <div class="virtual-all" role="presentation" style:height=move || format!("{}px", count.get() * row_height as usize)>
                <For each=drawn key=|(index, own)| (*index, own.clone()) children=draw />
            </div>
        </div>
    }
}

/// The rows to draw, those in view and some beyond.
fn rows_in_view(scroll_top: i32, height: i32, row_height: u32, count: usize) -> Range<usize> {
    let row_height = row_height.max(1) as usize;
    let top = usize::try_from(scroll_top).unwrap_or(0) / row_height;
    let rows = usize::try_from(height).unwrap_or(0).div_ceil(row_height) + 1;
    let start = top.saturating_sub(OVERSCAN).min(count);
    start..(top + rows + OVERSCAN).min(count)
}

/// Where to scroll so that a row is wholly in view; it stays where it is if the row is already.
fn scroll_to_show(index: usize, scroll_top: i32, height: i32, row_height: u32) -> i32 {
    let row_height = i32::try_from(row_height).unwrap_or(i32::MAX);
    let top = i32::try_from(index).unwrap_or(i32::MAX).saturating_mul(row_height);
    let bottom = top.saturating_add(row_height);
    if top < scroll_top {
        top
    } else if bottom > scroll_top.saturating_add(height) {
        bottom - height
    } else {
        scroll_top
    }
}

/// Where a key moves the cursor; none if the key does not move it.
fn next_row(key: &str, at: Option<usize>, last: usize, page: usize) -> Option<usize> {
    let Some(at) = at else {
        return matches!(key, "j" | "k" | "ArrowDown" | "ArrowUp" | "Home" | "End" | "PageDown" | "PageUp").then_some(if key == "End" {
            last
        } else {
            0
        });
    };
    match key {
        "j" | "ArrowDown" => Some((at + 1).min(last)),
        "k" | "ArrowUp" => Some(at.saturating_sub(1)),
        "PageDown" => Some((at + page).min(last)),
        "PageUp" => Some(at.saturating_sub(page)),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_only_rows_near_the_view_are_drawn_however_long_the_list_is() {
        assert_eq!(rows_in_view(0, 640, 64, 100_000), 0..17);
        assert_eq!(rows_in_view(64 * 50_000, 640, 64, 100_000), 49_994..50_017);
        assert_eq!(rows_in_view(64 * 99_990, 640, 64, 100_000), 99_984..100_000);
        assert_eq!(rows_in_view(64 * 500, 640, 64, 3), 3..3, "a list that became short is not read beyond its end");
        assert_eq!(rows_in_view(0, 640, 64, 0), 0..0);
    }

    #[test]
    fn a_row_in_view_does_not_move_the_list() {
        assert_eq!(scroll_to_show(2, 0, 640, 64), 0);
        assert_eq!(scroll_to_show(10, 0, 640, 64), 64);
        assert_eq!(scroll_to_show(1, 640, 640, 64), 64);
    }

    #[test]
    fn keys_move_within_the_list_and_stop_at_its_ends() {
        assert_eq!(next_row("j", None, 9, 5), Some(0), "the first key finds the first row");
        assert_eq!(next_row("j", Some(9), 9, 5), Some(9));
        assert_eq!(next_row("k", Some(0), 9, 5), Some(0));
        assert_eq!(next_row("PageDown", Some(3), 9, 5), Some(8));
        assert_eq!(next_row("x", Some(3), 9, 5), None);
    }
}
