/** A long list that is read page by page, as far as somebody wants to see. */
import { useInfiniteQuery } from "@tanstack/preact-query";
import { listPage } from "./call.ts";

const PAGE_SIZE = 50;

type Pages<T> = { items: T[]; error: Error | null; isPending: boolean; loadMore: (() => void) | undefined };

/** `loadMore` is undefined on the last page. */
export function usePages<T>(key: readonly unknown[], path: string): Pages<T> {
  const { data, error, isPending, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => listPage<T>(path, PAGE_SIZE, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
  });
  return {
    items: data?.pages.flatMap(({ items }) => items) ?? [],
    error,
    isPending,
    loadMore: hasNextPage ? () => void fetchNextPage() : undefined,
  };
}
