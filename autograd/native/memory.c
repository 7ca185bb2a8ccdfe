/* Where the Values that C makes live: in pages of their own.

   A page that has become empty is filled from its start again, so that a graph lies in memory in
   the order in which it is built, however the one before it died; a list of dead nodes alone would
   scatter it more with each step of training, which then takes twice as long. Pages are cut from
   regions of the size that Linux has large pages for, which spare a large graph most of its page
   faults; some empty regions are kept, and the rest is given back. */

#include "value.h"
#ifdef __linux__
#include <stdlib.h>
#include <sys/mman.h>
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(place, size) (void)0
#define ASAN_UNPOISON_MEMORY_REGION(place, size) (void)0
#endif

#define PAGE 16384
#define REGION (2 << 20)
#define MOST_KEPT 8                 /* empty regions: 16 MB */
#define DOMAIN_OF_VALUES 0x676c6173 /* for tracemalloc */

/* The two words before an object are the collector's: they are 0 while it is untracked. */
typedef struct { uintptr_t links[2]; Value value; } Place;

typedef struct Page {
    struct Page *next, *previous;   /* of those with room; of the empty ones of a region */
    struct Region *region;
    Value *dead;                    /* each one's notes refer to the next */
    int used, living;               /* how many places were ever used, and how many are */
} Page;

typedef struct Region {
    struct Region *next;
    char *memory, *pages;
    Page *empty;
    int room, used, living;         /* pages */
} Region;

enum { PLACES = (PAGE - sizeof(Page)) / sizeof(Place), PAGES = REGION / PAGE };

static Page *roomy;
static Region *regions;
static int kept;

/* The first region is small, as a small program is not to pay for a large page. */
static Region *new_region(void)
{
    Region *region = PyMem_RawCalloc(1, sizeof(Region));
    if (!region)
        return NULL;
    region->room = regions ? PAGES : PAGES / 8;
    size_t size = (size_t)region->room * PAGE;
#ifdef __linux__
    region->memory = region->pages = aligned_alloc(regions ? REGION : PAGE, size);
    if (region->memory && regions)
        madvise(region->memory, size, MADV_HUGEPAGE);
#else
    region->memory = PyMem_RawMalloc(size + PAGE);
    region->pages = (char *)(((uintptr_t)region->memory + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
#endif
    if (!region->memory) {
        PyMem_RawFree(region);
        return NULL;
    }
    region->next = regions;
    kept++;
    return regions = region;
}

static void free_region(Region *region)
{
    Region **place = &regions;
    while (*place != region)
        place = &(*place)->next;
    *place = region->next;
    kept--;
#ifdef __linux__
    free(region->memory);
#else
    PyMem_RawFree(region->memory);
#endif
    PyMem_RawFree(region);
}

static void list(Page *page)
{
    page->previous = NULL;
    if ((page->next = roomy))
        roomy->previous = page;
    roomy = page;
}

static void unlist(Page *page)
{
    if (page->next)
        page->next->previous = page->previous;
    *(page->previous ? &page->previous->next : &roomy) = page->next;
}

static Page *new_page(void)
{
    Region *region = regions;
    while (region && !region->empty && region->used == region->room)
        region = region->next;
    if (!region && !(region = new_region()))
        return NULL;
    Page *page = region->empty;
    if (page)
        region->empty = page->next;
    else
        page = (Page *)(region->pages + PAGE * region->used++);
    kept -= !region->living++;
    *page = (Page){.region = region};       /* to be filled from its start */
    PyTraceMalloc_Track(DOMAIN_OF_VALUES, (uintptr_t)page, PAGE);
    list(page);
    return page;
}

static void free_page(Page *page)
{
    Region *region = page->region;
    unlist(page);
    PyTraceMalloc_Untrack(DOMAIN_OF_VALUES, (uintptr_t)page);
    page->next = region->empty;
    region->empty = page;
    kept += !--region->living;
    if (kept > MOST_KEPT && !region->living)
        free_region(region);
}

/* They end with the page, so that they lie in lines of the cache in the same way. */
static inline Place *places(Page *page) { return (Place *)((char *)page + PAGE) - PLACES; }

/* Room for a Value, or NULL and an error. */
Value *take_place(void)
{
    Page *page = roomy ? roomy : new_page();
    if (!page)
        return (Value *)PyErr_NoMemory();
    Value *v = page->dead;
    Place *place = v ? (Place *)((char *)v - offsetof(Place, value))
                     : places(page) + page->used++;
    ASAN_UNPOISON_MEMORY_REGION(place, sizeof(Place));
    if (v)
        page->dead = (Value *)v->notes;
    if (++page->living == PLACES)
        unlist(page);
    place->links[0] = place->links[1] = 0;
    return &place->value;
}

void give_place(Value *v)
{
    Page *page = (Page *)((uintptr_t)v & ~(uintptr_t)(PAGE - 1));
    v->notes = (PyObject *)page->dead;
    page->dead = v;
    ASAN_POISON_MEMORY_REGION((char *)v - offsetof(Place, value), sizeof(Place));
    if (page->living-- == PLACES)
        list(page);
    if (!page->living && (page->next || page->previous))
        free_page(page);            /* unless it is the only one with room */
}
